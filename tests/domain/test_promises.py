"""How holds move what was promised, by the history alone."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.domain import promises
from core.domain.calendar import Always
from core.domain.promises import Entry, holds

START = datetime(2026, 1, 30, 12, 0, tzinfo=UTC)
FIELD = "resolution_due_at"
due, due_by_length = partial(promises.due, Always()), partial(promises.due_by_length, Always())


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def entry(hours: float, action: str, before: str, after: str, promised: float | None = None) -> Entry:
    return Entry(at(hours), action, before, after, {} if promised is None else {FIELD: at(promised)})


def hold(hours: float) -> Entry:
    return entry(hours, "hold", "OPEN", "ON_HOLD")


def resume(hours: float, action: str = "resume", to: str = "OPEN") -> Entry:
    return entry(hours, action, "ON_HOLD", to)


CREATED = entry(0, "create", "", "NEW", 24)


def test_without_a_hold_the_promise_stands() -> None:
    assert due([CREATED], FIELD, None) == at(24)
    assert due([CREATED], "response_due_at", None) is None


def test_every_hold_that_ended_moves_it() -> None:
    story = [CREATED, hold(1), resume(3), hold(5), resume(6, "start_work", "IN_PROGRESS")]
    assert due(story, FIELD, None) == at(27)


def test_a_hold_that_lasts_moves_nothing_yet() -> None:
    assert due([CREATED, hold(1), resume(3), hold(5)], FIELD, None) == at(26)
    assert holds([hold(5)]) == [(at(5), None)]


def test_a_comment_during_a_hold_does_not_end_it() -> None:
    said = entry(2, "add_comment", "ON_HOLD", "ON_HOLD")
    assert due([CREATED, hold(1), said, resume(3)], FIELD, None) == at(26)


def test_what_is_done_is_moved_by_the_holds_before_only() -> None:
    story = [CREATED, hold(1), resume(3), hold(5), resume(9)]
    assert due(story, FIELD, at(4)) == at(26)
    assert due(story, FIELD, at(6)) == at(27)  # done during a hold
    assert due([CREATED, hold(1)], FIELD, at(3)) == at(26)


def test_the_last_promise_counts_and_the_holds_since_then() -> None:
    story = [CREATED, hold(1), resume(3), entry(4, "update", "OPEN", "OPEN", 10), hold(5), resume(6)]
    assert due(story, FIELD, None) == at(11)


def test_a_length_promised_during_a_hold_is_moved_by_all_of_it() -> None:
    story = [CREATED, hold(1), entry(3, "update", "ON_HOLD", "ON_HOLD", 10), resume(5)]
    assert due(story, FIELD, None) == at(14)


def test_a_date_set_during_a_hold_is_moved_by_what_comes_after() -> None:
    story = [CREATED, hold(1), entry(3, "assign", "ON_HOLD", "ON_HOLD", 10), resume(5)]
    assert due(story, FIELD, None) == at(12)


def test_a_date_that_was_cleared_stays_away() -> None:
    cleared = Entry(at(2), "assign", "OPEN", "OPEN", {FIELD: None})
    assert due([CREATED, cleared, hold(3), resume(4)], FIELD, None) is None


def test_what_follows_from_a_promise_is_none() -> None:
    story = [CREATED, hold(1), Entry(at(3), "resume", "ON_HOLD", "OPEN", {FIELD: at(26)})]
    assert due(story, FIELD, None) == at(26)


def test_another_length_runs_from_the_start_of_the_clock() -> None:
    four = timedelta(hours=4)
    story = [CREATED, hold(1), resume(3)]
    assert due_by_length(story, FIELD, START, four) == at(6)
    story += [entry(50, "reopen", "CLOSED", "OPEN", 74), hold(51), resume(52)]
    assert due_by_length(story, FIELD, START, four) == at(55)


@given(st.lists(st.floats(0.01, 100), min_size=0, max_size=12))
def test_what_is_due_is_the_time_spent_not_waiting(gaps: list[float]) -> None:
    """However holds and work alternate, a clock has run for as long as the ticket was not on hold."""
    moments, story, running = [0.0], [CREATED], 0.0
    for number, gap in enumerate(gaps):
        moments.append(moments[-1] + gap)
        story.append(resume(moments[-1]) if number % 2 else hold(moments[-1]))
        running += 0 if number % 2 else gap
    if len(gaps) % 2 == 0:  # not on hold: what remains is what was promised less what has run
        found = due(story, FIELD, None)
        assert found is not None
        assert abs((found - at(moments[-1])) - (timedelta(hours=24) - timedelta(hours=running))) < timedelta(seconds=1)
    course = [due(story[:length], FIELD, None) for length in range(1, len(story) + 1)]
    assert all(a <= b for a, b in pairwise(course) if a and b)
