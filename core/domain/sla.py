"""Where a ticket stands against its due times; a pure function of the times. How they move: promises.py."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.domain.subjects import SomeTicket
from core.models.choices import PAUSED

LONGEST_NOTICE = timedelta(hours=1)


class SlaState(StrEnum):
    OK = "ok"
    DUE_SOON = "due_soon"
    BREACHED = "breached"
    MET = "met"


CHOICES = [state.value for state in SlaState]
WORST_FIRST = [SlaState.BREACHED, SlaState.DUE_SOON, SlaState.OK, SlaState.MET]


@dataclass(frozen=True, slots=True)
class Clock:
    """The fields of a ticket that say when something is due and when it was done."""

    due: str
    done: str


RESPONSE = Clock("response_due_at", "first_responded_at")
RESOLUTION = Clock("resolution_due_at", "resolved_at")
CLOCKS = {"response": RESPONSE, "resolution": RESOLUTION}
Targets = Mapping[Clock, Mapping[str, timedelta]]  # what each priority is promised


def notice(target: timedelta) -> timedelta:
    """How long before it is due it is due soon: a quarter of what was promised, so that nothing is from the start."""
    return min(LONGEST_NOTICE, target / 4)


def state(*, due_at: datetime | None, done_at: datetime | None, now: datetime, target: timedelta) -> SlaState:
    """`due_at` None: nothing was promised, so it is ok until it is done, and then met."""
    if due_at is not None and (done_at or now) > due_at:
        return SlaState.BREACHED
    if done_at is not None:
        return SlaState.MET
    if due_at is not None and now > due_at - notice(target):
        return SlaState.DUE_SOON
    return SlaState.OK


def states(ticket: SomeTicket, now: datetime, targets: Targets) -> dict[str, SlaState]:
    """Both clocks of a ticket. While it is on hold, and once it is cancelled, they stand where they were stopped."""
    at = (ticket.paused_at if ticket.status in PAUSED else None) or now
    return {
        name: state(
            due_at=getattr(ticket, clock.due),
            done_at=getattr(ticket, clock.done),
            now=at,
            target=targets[clock][ticket.priority],
        )
        for name, clock in CLOCKS.items()
    }


def worst(found: Iterable[SlaState]) -> SlaState:
    """The one state of a ticket: that of the clock which needs somebody most."""
    return min(found, key=WORST_FIRST.index)
