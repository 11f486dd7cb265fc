"""The tickets that somebody sees, as a table. After a crash it begins anew: so no ticket is in it twice."""

from collections.abc import Iterator, Sequence
from functools import partial

from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from core.actions import jobs
from core.actions.clocks import targets
from core.filters import TicketExportFilterSet
from core.jobs.run import Outcome, Run
from core.jobs.tables import CSV, XLSX, csv_table, xlsx_table
from core.models import Ticket, with_workers_and_labels
from core.models.ticket import UNSHOWN
from core.serializers.ticket_rows import COLUMNS, row_of

BATCH = 500
TYPES = {"csv": CSV, "xlsx": XLSX}


def run(run: Run) -> Outcome:
    """As tickets and people are when their batch is read; what is raised meanwhile is not in it."""
    now, lengths, kind = timezone.now(), targets(), run.params["format"]
    path = run.folder / f"tickets.{kind}"
    table = csv_table(path) if kind == "csv" else xlsx_table(path, partial(jobs.hold, run.job))
    found = seen(run).aggregate(total=Count("pk"), last=Max("pk"))
    with table as write:
        write(COLUMNS)
        done = 0
        for batch in batches(run, found["last"] or 0):
            run.report(done, found["total"])
            for ticket in batch:
                write(row_of(ticket, now, lengths))
            done += len(batch)
    return Outcome(f"Tickets exported: {done}.", path, f"tickets-{now:%Y-%m-%d}.{kind}", TYPES[kind])


def seen(run: Run) -> QuerySet[Ticket]:
    tickets: QuerySet[Ticket] = TicketExportFilterSet(run.params["filters"], run.owner).require_valid().qs
    return tickets


def batches(run: Run, last: int) -> Iterator[Sequence[Ticket]]:
    """Up to the ticket `last`, each batch from where the one before it ended."""
    after = 0
    tickets = seen(run).filter(pk__lte=last).order_by("pk").select_related("created_by").defer(*UNSHOWN)
    while batch := list(tickets.filter(pk__gt=after)[:BATCH]):
        yield with_workers_and_labels(batch)
        after = batch[-1].pk
