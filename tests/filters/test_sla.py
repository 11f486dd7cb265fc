"""SQL finds the tickets that Python says are in a state, whatever their times."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actions.clocks import targets
from core.domain import sla
from core.filters.sla import in_states
from core.models import Priority, Ticket, User

NOW = datetime(2026, 1, 30, 12, 0, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
EDGES = [hours * HOUR + ticks * TICK for hours in (-2, -1, -1 / 4, 0, 1 / 16, 1 / 4, 1, 2) for ticks in (-1, 0, 1)]
moments = st.none() | st.sampled_from([NOW + edge for edge in EDGES])
past = moments.filter(lambda moment: moment is None or moment <= NOW)
times = st.fixed_dictionaries(
    {clock.due: moments for clock in sla.CLOCKS.values()}
    | {"priority": st.sampled_from(Priority.values)}
    | dict.fromkeys(["paused_at", *(clock.done for clock in sla.CLOCKS.values())], past)
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(times, min_size=20, max_size=60))
def test_sql_and_python_agree(cleo: User, many: list[dict[str, Any]]) -> None:
    with transaction.atomic():
        written = Ticket.objects.bulk_create(ticket(cleo, fields) for fields in many)
        for name, clocks in [(name, (clock,)) for name, clock in sla.CLOCKS.items()] + [("", (*sla.CLOCKS.values(),))]:
            found: dict[str, set[int]] = {state: set() for state in sla.SlaState}
            for one in written:
                states = sla.states(one, NOW, targets())
                found[states[name] if name else sla.worst(states.values())].add(one.pk)
            for state, expected in found.items():
                rows = in_states(Ticket.objects.all(), [state], clocks, NOW)
                assert set(rows.values_list("pk", flat=True)) == expected, (name, state)
            late_or_met = in_states(Ticket.objects.all(), ["breached", "met"], clocks, NOW)
            assert set(late_or_met.values_list("pk", flat=True)) == found["breached"] | found["met"]
        transaction.set_rollback(True)


def ticket(cleo: User, fields: dict[str, Any]) -> Ticket:
    """Many wait; of the others some still say since when they did."""
    status = "CANCELLED" if fields["paused_at"] and fields["response_due_at"] else "NEW"
    return Ticket(title="x", created_by=cleo, created_at=NOW, updated_at=NOW, status=status, **fields)
