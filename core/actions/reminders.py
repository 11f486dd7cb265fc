"""Reminds people of what is due soon or late, once per clock and due time."""

import math
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

import structlog
from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from core.actions.clocks import targets
from core.actions.step import Step
from core.domain.change import Facts
from core.domain.sla import CLOCKS, SlaState, notice, states
from core.models import Reminder, Ticket
from core.models.choices import RUNNING
from core.notifications.dispatch import announce

BATCH = 500  # tickets of a kind that one run takes
NEWS = timedelta(days=1)  # for how long it is news that something is late
EVENTS = {SlaState.DUE_SOON: "sla_due_soon", SlaState.BREACHED: "sla_breached"}

logger = structlog.get_logger(__name__)


def remind(until: float = math.inf) -> None:
    """Tell who works on a ticket, and the admins, which clock runs out or has run out.

    `until`: time.monotonic() at which the rest is left to the next run. After an upgrade tickets are late by the
    thousand: of what has been late for long, and was not changed lately, nothing is told.
    """
    now = timezone.now()
    old = now - NEWS
    for clock, fields in CLOCKS.items():
        running = Ticket.objects.filter(**{fields.done: None}, status__in=RUNNING)
        late, to_come = Q(**{f"{fields.due}__lt": now}), Q(**{f"{fields.due}__gte": now})
        forgotten = running.filter(**{f"{fields.due}__lt": old}, updated_at__lt=old)
        pass_over(forgotten, f"sla_breached:{clock}", fields.due, until)
        for event, stands in (("sla_breached", late), ("sla_due_soon", soon(clock, now) & to_come)):
            each(unreminded(running.filter(stands), f"{event}:{clock}", fields.due), remind_of, until, clock=clock)


def soon(clock: str, now: datetime) -> Q:
    """Due soon, or late."""
    due, lengths = f"{CLOCKS[clock].due}__lt", targets()[CLOCKS[clock]]
    return reduce(or_, (Q(priority=one, **{due: now + notice(length)}) for one, length in lengths.items()))


@transaction.atomic
def remind_of(*, ticket_id: int, clock: str) -> None:
    """Looked at again under the lock: it may have been done, put off, or said by somebody else meanwhile."""
    step = Step.locked(ticket_id)
    if step is None or step.ticket.status not in RUNNING:
        return
    state = states(step.ticket, step.now, targets())[clock]
    due_at, done_at = (getattr(step.ticket, field) for field in (CLOCKS[clock].due, CLOCKS[clock].done))
    if state in EVENTS and done_at is None:
        once(step, f"{EVENTS[state]}:{clock}", due_at, (("clock", clock), ("due", f"{due_at:%Y-%m-%d %H:%M} UTC")))


def pass_over(tickets: QuerySet[Ticket], kind: str, due: str, until: float) -> None:
    """As if it had been told, without telling anybody."""
    passed = unreminded(tickets, kind, due).values_list("pk", due)
    while time.monotonic() < until and (found := list(passed.all())):
        rows = [Reminder(ticket_id=pk, kind=kind, due_at=at, created_at=timezone.now()) for pk, at in found]
        Reminder.objects.bulk_create(rows, ignore_conflicts=True)


def each(tickets: QuerySet[Ticket], verb: Callable[..., None], until: float, **details: str) -> None:
    """One ticket after the other, each by itself: one that cannot be dealt with is no reason to leave the others."""
    for ticket_id in tickets.values_list("pk", flat=True):
        if time.monotonic() > until:
            return
        try:
            verb(ticket_id=ticket_id, **details)
        except OperationalError:
            raise  # the database is away
        except Exception:
            logger.exception("ticket_stuck", ticket=ticket_id)


def unreminded(tickets: QuerySet[Ticket], kind: str, due: str) -> QuerySet[Ticket]:
    """Some of which nobody has been reminded in this way, as they are due now; the oldest first."""
    said = Reminder.objects.filter(ticket=OuterRef("pk"), kind=kind, due_at=OuterRef(due))
    return tickets.filter(~Exists(said), deleted_at=None).order_by(due)[:BATCH]


def once(step: Step, kind: str, due_at: datetime, facts: Facts) -> None:
    """Announce the event that begins the name of the kind, unless that has been done."""
    reminder, is_new = Reminder.objects.get_or_create(
        ticket=step.ticket, kind=kind, due_at=due_at, defaults={"created_at": step.now}
    )
    if is_new:
        announce(step.change(kind.partition(":")[0], f"{reminder.pk}:{kind}", facts=facts))
