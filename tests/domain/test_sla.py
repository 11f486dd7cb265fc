"""Where a ticket stands against its due times, to the microsecond."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain import sla
from core.models import Ticket

NOW = datetime(2026, 1, 30, 12, 0, tzinfo=UTC)
HOUR, MINUTE, TICK = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
TARGETS = {clock: {"MEDIUM": 8 * HOUR} for clock in sla.CLOCKS.values()}


@pytest.mark.parametrize(
    ("due", "done", "expected"),
    [
        (None, None, "ok"),
        (None, -HOUR, "met"),
        (HOUR + TICK, None, "ok"),
        (HOUR, None, "ok"),
        (HOUR - TICK, None, "due_soon"),
        (TICK, None, "due_soon"),
        (timedelta(), None, "due_soon"),
        (-TICK, None, "breached"),
        (-365 * 24 * HOUR, None, "breached"),
        (HOUR, -HOUR, "met"),
        (-HOUR, -HOUR, "met"),
        (-HOUR, -HOUR - TICK, "met"),
        (-HOUR, -HOUR + TICK, "breached"),
    ],
)
def test_the_state_follows_from_the_times(due: timedelta | None, done: timedelta | None, expected: str) -> None:
    due_at = None if due is None else NOW + due
    done_at = None if done is None else NOW + done
    assert sla.state(due_at=due_at, done_at=done_at, now=NOW, target=8 * HOUR) == expected


@pytest.mark.parametrize(("target", "before"), [(15, 3.75), (60, 15), (240, 60), (480, 60)])
def test_what_is_due_soon_was_not_promised_just_now(target: float, before: float) -> None:
    for left, expected in [(target * MINUTE, "ok"), (before * MINUTE, "ok"), (before * MINUTE - TICK, "due_soon")]:
        assert sla.state(due_at=NOW + left, done_at=None, now=NOW, target=target * MINUTE) == expected


def test_the_contract_knows_these_states() -> None:
    assert sla.CHOICES == ["ok", "due_soon", "breached", "met"]


def test_the_worst_clock_is_the_ticket_s_state() -> None:
    ok, due_soon, breached, met = sla.SlaState
    for pair, expected in [
        ((met, met), met),
        ((met, ok), ok),
        ((ok, due_soon), due_soon),
        ((breached, due_soon), breached),
        ((met, breached), breached),
    ]:
        assert sla.worst(pair) == sla.worst(pair[::-1]) == expected


def test_both_clocks_stand_while_a_ticket_waits() -> None:
    due = {"response_due_at": NOW + 2 * HOUR, "resolution_due_at": NOW + HOUR}
    running, waiting = Ticket(**due, paused_at=NOW - HOUR), Ticket(**due, paused_at=NOW - HOUR, status="ON_HOLD")
    for later, expected in [(0 * HOUR, ("ok", "ok")), (2 * HOUR, ("due_soon", "breached"))]:
        assert tuple(sla.states(running, NOW + later, TARGETS).values()) == expected
        assert tuple(sla.states(waiting, NOW + later, TARGETS).values()) == ("ok", "ok")
