"""What a ticket was promised, and how its holds move that: pure functions of its history, nothing is added up.

Lengths are working time, as the calendar has it: what is promised, and what holds take away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.calendar import Calendar
from core.models.choices import Status

# What others record of due times only follows from these.
PROMISING = ("create", "update", "assign", "reject", "reopen")
EXPLICIT = "assign"  # an admin set a date; the others promise a length of time
RESTARTING = "reopen"


@dataclass(frozen=True, slots=True)
class Entry:
    """A history row as the clocks read it. `due`: what it set, by field; the others it left alone."""

    at: datetime
    action: str
    from_status: str
    to_status: str
    due: Mapping[str, datetime | None]


Story = Sequence[Entry]  # oldest first


def holds(story: Story) -> list[tuple[datetime, datetime | None]]:
    """When the ticket was on hold; the last one has no end while it lasts."""
    found: list[tuple[datetime, datetime | None]] = []
    for entry in story:
        if entry.from_status == entry.to_status:
            continue
        if entry.to_status == Status.ON_HOLD:
            found.append((entry.at, None))
        elif entry.from_status == Status.ON_HOLD and found:
            found[-1] = (found[-1][0], entry.at)
    return found


def promise(story: Story, field: str) -> Entry | None:
    """The entry whose promise of this due time is in force; it may be that there is none any more."""
    return next((entry for entry in reversed(story) if entry.action in PROMISING and field in entry.due), None)


def due(calendar: Calendar, story: Story, field: str, done_at: datetime | None) -> datetime | None:
    """The promise in force, and the holds since it was made. What is done moves no more."""
    made = promise(story, field)
    if made is None or (at := made.due[field]) is None:
        return None
    return calendar.add(at, waited(calendar, story, since=made.at, until=done_at, clip=made.action == EXPLICIT))


def due_by_length(calendar: Calendar, story: Story, field: str, created_at: datetime, length: timedelta) -> datetime:
    """What is due when this length of time is promised from when the clock started: at creation, or when reopened."""
    restarts = [entry.at for entry in story if entry.action == RESTARTING and field in entry.due]
    start = max(restarts, default=created_at)
    return calendar.add(start, length + waited(calendar, story, since=start, until=None, clip=False))


def waited(calendar: Calendar, story: Story, *, since: datetime, until: datetime | None, clip: bool) -> timedelta:
    """How much time the holds took that ended after `since`; `clip`: of one that began before, only what came after."""
    whole = timedelta()
    for start, end in holds(story):
        stop = min((moment for moment in (end, until) if moment is not None), default=since)
        begin = max(start, since) if clip else start
        if stop > max(begin, since):
            whole += calendar.between(begin, stop)
    return whole
