"""The SLA states of domain/sla.py in SQL; a test compares them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.lookups import In

from core.actions.clocks import targets
from core.domain.sla import Clock, SlaState, notice
from core.models import Ticket
from core.models.choices import PAUSED


def breached(clock: Clock, now: datetime) -> Q:
    """Done too late; or not done, and due before now and before the clock was stopped."""
    late = Q(**{f"{clock.done}__gt": F(clock.due)})
    running = ~Q(status__in=PAUSED) | Q(paused_at__gt=F(clock.due))
    return late | Q(**{clock.done: None, f"{clock.due}__lt": now}) & running


def due_soon(clock: Clock, now: datetime, lengths: Mapping[str, timedelta]) -> Q:
    """Not done, and due soon after now or after when the clock was stopped; true of what is breached too."""

    def soon(priority: str, before: timedelta) -> Q:
        running = ~Q(status__in=PAUSED) & Q(**{f"{clock.due}__lt": now + before})
        stopped = Q(status__in=PAUSED, paused_at__gt=F(clock.due) - before)
        return Q(priority=priority) & (running | stopped)

    return Q(**{clock.done: None}) & reduce(or_, (soon(one, notice(length)) for one, length in lengths.items()))


def in_states(
    tickets: QuerySet[Ticket], states: Sequence[str], clocks: Sequence[Clock], now: datetime
) -> QuerySet[Ticket]:
    """The tickets of which the worst of these clocks is in one of these states."""
    lengths = targets()
    late = reduce(or_, (breached(clock, now) for clock in clocks))
    soon = reduce(or_, (due_soon(clock, now, lengths[clock]) for clock in clocks))
    undone = reduce(or_, (Q(**{clock.done: None}) for clock in clocks))
    worst = Case(
        When(late, then=Value(SlaState.BREACHED.value)),
        When(soon, then=Value(SlaState.DUE_SOON.value)),
        When(undone, then=Value(SlaState.OK.value)),
        default=Value(SlaState.MET.value),
        output_field=CharField(),
    )
    return tickets.filter(In(worst, states))
