"""Where a ticket stands against its due times; a pure function of the times."""

from datetime import datetime, timedelta
from enum import StrEnum

DUE_SOON = timedelta(hours=1)


class SlaState(StrEnum):
    OK = "ok"
    DUE_SOON = "due_soon"
    BREACHED = "breached"
    MET = "met"


CHOICES = [state.value for state in SlaState]


def state(*, due_at: datetime | None, done_at: datetime | None, now: datetime) -> SlaState:
    """`due_at` None: nothing was promised, so it is ok until it is done, and then met."""
    if due_at is not None and (done_at or now) > due_at:
        return SlaState.BREACHED
    if done_at is not None:
        return SlaState.MET
    if due_at is not None and now > due_at - DUE_SOON:
        return SlaState.DUE_SOON
    return SlaState.OK
