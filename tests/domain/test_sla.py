"""Where a ticket stands against its due times, to the microsecond."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain import sla

NOW = datetime(2026, 1, 30, 12, 0, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)


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
    assert sla.state(due_at=due_at, done_at=done_at, now=NOW) == expected


def test_the_contract_knows_these_states() -> None:
    assert sla.CHOICES == ["ok", "due_soon", "breached", "met"]
