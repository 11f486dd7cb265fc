"""What a ticket is promised, written into it and returned as the `changes` of the history row (ADR 11)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, Q
from django.utils import timezone

from core.domain import promises
from core.domain.promises import PROMISING, Entry
from core.domain.sla import CLOCKS, RESOLUTION, RESPONSE, Targets
from core.models import Reminder, Status, Ticket
from core.notifications.frames import timestamp

DUE = [clock.due for clock in CLOCKS.values()]
ESTIMATE = "estimated_resolution_time"
Changes = dict[str, Any]


def targets() -> Targets:
    """What the settings promise by priority."""
    return {RESPONSE: settings.SLA_RESPONSE, RESOLUTION: settings.SLA_RESOLUTION}


def start(ticket: Ticket) -> Changes:
    """What its priority promises a new ticket."""
    lengths = {clock.due: length[ticket.priority] for clock, length in targets().items()}
    return move(ticket, {due: settings.SLA_CALENDAR.add(ticket.created_at, length) for due, length in lengths.items()})


def restart(ticket: Ticket, now: datetime) -> Changes:
    """A reopened ticket is promised a resolution anew; its response stays as it was."""
    return move(ticket, {RESOLUTION.due: settings.SLA_CALENDAR.add(now, settings.SLA_RESOLUTION[ticket.priority])})


def reprioritise(ticket: Ticket) -> Changes:
    """The promises of its new priority, but for what is done and for a date that an admin has set or cleared."""
    story = told(ticket)
    moved: dict[str, datetime | None] = {}
    for clock, lengths in targets().items():
        made = promises.promise(story, clock.due)
        explicit = made is not None and made.action == promises.EXPLICIT
        if getattr(ticket, clock.done) is None and not explicit:
            args = story, clock.due, ticket.created_at, lengths[ticket.priority]
            moved[clock.due] = promises.due_by_length(settings.SLA_CALENDAR, *args)
    return move(ticket, moved)


def run_on(ticket: Ticket, done_at: datetime | None) -> Changes:
    """Rejected work is not done after all; a priority corrected since `done_at` promises its resolution now."""
    since = ticket.history.filter(from_status=Status.RESOLVED, created_at__gte=done_at)
    return reprioritise(ticket) if since.filter(changes__has_key="priority").exists() else {}


def settle(ticket: Ticket, action: str, changes: Mapping[str, Any], now: datetime) -> Changes:
    """Before a step from ON_HOLD is recorded: the end of a hold moves what is due, and so does a response in it."""
    story = [*told(ticket), Entry(now, action, Status.ON_HOLD, ticket.status, due_in(changes))]
    return move(
        ticket,
        {
            clock.due: promises.due(settings.SLA_CALENDAR, story, clock.due, getattr(ticket, clock.done))
            for clock in CLOCKS.values()
            if promises.promise(story, clock.due)  # tickets of earlier releases were promised nothing
        },
    )


def told(ticket: Ticket) -> list[Entry]:
    """What the history says to the clocks; one query."""
    promising = Q(action__in=PROMISING, changes__has_any_keys=DUE)
    moving = Q(to_status=Status.ON_HOLD) ^ Q(from_status=Status.ON_HOLD)
    rows = ticket.history.filter(promising | moving).order_by("pk")
    columns = ("created_at", "action", "from_status", "to_status", *(f"changes__{name}" for name in DUE))
    return [
        Entry(at, action, before, after, due_in(dict(zip(DUE, pairs, strict=True))))
        for at, action, before, after, *pairs in rows.values_list(*columns)
    ]


def move(ticket: Ticket, due: Mapping[str, datetime | None]) -> Changes:
    """Set what is due, and clear an estimate that would lie after it."""
    after = dict(due)
    end, estimate = after.get(RESOLUTION.due), ticket.estimated_resolution_time
    if end and estimate and estimate > end:
        after[ESTIMATE] = None
    changes = {}
    for name, value in after.items():
        before = getattr(ticket, name)
        if before != value:
            changes[name] = [iso(before), iso(value)]
            setattr(ticket, name, value)
            keep_told(ticket, name, before, value)
    return changes


def keep_told(ticket: Ticket, name: str, before: datetime | None, after: datetime | None) -> None:
    """A clock that had run out, and has run out at another time now, is no news."""
    if before is None or after is None or max(before, after) >= timezone.now():
        return
    for clock, fields in CLOCKS.items():
        if fields.due == name and getattr(ticket, fields.done) is None:
            told_of = Reminder.objects.filter(ticket=ticket, kind=f"sla_breached:{clock}")
            told_of.filter(~Exists(told_of.filter(due_at=after)), due_at=before).update(due_at=after)


def iso(at: datetime | None) -> str | None:
    """A time as JSON value, for the history row."""
    return timestamp(at) if at else None


def due_in(changes: Mapping[str, Any]) -> dict[str, datetime | None]:
    """`iso` backwards, of the due times among the changes."""
    after = {name: changes[name][1] for name in DUE if changes.get(name)}
    return {name: datetime.fromisoformat(text) if text else None for name, text in after.items()}
