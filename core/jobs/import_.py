"""Tickets from a table: each good row by the ordinary verb, in one transaction with the row that says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.actions import tickets
from core.actions.tags import make_tags
from core.domain.cells import undone
from core.domain.errors import NotAllowed
from core.exceptions import by_field
from core.files.table import Line, table
from core.jobs.run import Outcome, Run
from core.jobs.tables import CSV, csv_table
from core.models import Role, Ticket
from core.serializers.ticket_rows import WRITABLE, given
from core.serializers.tickets import TicketCreateSerializer

BATCH = 20  # tickets of one transaction, which holds the feeds of all who are told
REPORT = ("line", "ticket", "field", "message")


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be made of the row on this line, or what is wrong with it, by field."""

    line: int
    fields: Mapping[str, Any]
    wrong: Mapping[str, Sequence[str]] = field(default_factory=dict)


def run(run: Run) -> Outcome:
    """A row is judged by nothing but itself, so whoever goes on after a crash judges as it was judged before."""
    if run.owner.role != Role.ADMIN:  # any more: it has waited, or was left by a worker
        raise NotAllowed
    with run.upload() as file:
        header, lines = table(file.read())
    rows = []
    for line in lines:
        run.report(0, len(lines))
        rows.append(judged(header, line))
    bad = sum(bool(row.wrong) for row in rows)
    creates = not run.params["dry_run"] and not (bad and run.params["on_error"] == "none")
    for first in range(run.cursor.get("next", 0), len(rows), BATCH):
        run.report(first, len(rows))
        run.give_way()
        write(run, first, rows[first : first + BATCH], creates=creates)
    created = run.job.rows.filter(is_done=True).count()
    dry = f" Dry run; good rows: {len(rows) - bad}." if run.params["dry_run"] else ""
    return reported(run, f"Tickets created: {created}. Rows refused: {bad}.{dry}")


def judged(header: Sequence[str], line: Line) -> Judged:
    if any(cell.strip() for cell in line.cells[len(header) :]):
        return Judged(line.number, {}, {"row": ["There are more cells than columns."]})
    cells = {name: undone(cell) for name, cell in zip(header, line.cells, strict=False) if name in WRITABLE}
    serializer = TicketCreateSerializer(data=given(cells))
    if serializer.is_valid():
        return Judged(line.number, serializer.validated_data)
    return Judged(line.number, {}, by_field(serializer.errors))


def write(run: Run, first: int, rows: Sequence[Judged], *, creates: bool) -> None:
    """One transaction: the tickets, what came of each row, and where to go on."""
    with transaction.atomic():
        run.keep({"next": first + len(rows)})
        if creates:
            # Before anybody's feed is locked: who makes the same tag meanwhile may wait for that, and this for the tag.
            make_tags({tag for row in rows for tag in row.fields.get("tags", ())})
        for position, row in enumerate(rows, first):
            if row.wrong:
                run.row(position, row.line, is_done=False, detail=dict(row.wrong))
            elif creates:
                ticket = tickets.create(actor=run.owner, **row.fields)
                run.row(position, row.line, is_done=True, detail={"ticket": ticket.pk})


def reported(run: Run, message: str) -> Outcome:
    """What came of each row, as a table for people."""
    path = run.folder / "import.csv"
    with csv_table(path) as write_row:
        write_row(REPORT)
        for row in run.job.rows.iterator():
            if row.is_done:
                write_row([str(row.key), Ticket(pk=row.detail["ticket"]).number, "", ""])
            for name, messages in ({} if row.is_done else row.detail).items():
                write_row([str(row.key), "", name, " ".join(messages)])
    return Outcome(message, path, f"import-{timezone.now():%Y-%m-%d}.csv", CSV)
