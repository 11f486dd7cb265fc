"""State for clients that poll: the newest value of each name, under timestamps that rise strictly."""

from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.actions import inbox
from core.models import Feed, StateValue, User
from core.notifications import feed, positions, state
from tests.conftest import MakeTicket
from tests.notifications.support import at_once

EXPORT, IMPORT = 7, 8

in_real_transactions = pytest.mark.django_db(transaction=True)


def progress_of(user: User) -> dict[int, int]:
    (row,) = StateValue.objects.filter(user=user)
    return {task["task_id"]: task["progress"] for task in row.data}


def told(user: User, since: float = 0) -> dict[str, Any]:
    return {value["name"]: value["data"] for value in state.values(user.pk, since)}


def test_somebody_to_whom_nothing_has_happened_has_no_state(cleo: User) -> None:
    assert state.values(cleo.pk, 0) == []


def test_a_task_moves_in_its_place_and_the_others_stay(cleo: User) -> None:
    for task, progress in ((EXPORT, 0), (IMPORT, 10), (EXPORT, 60)):
        state.report_progress(cleo.pk, task, progress)
    assert list(progress_of(cleo).items()) == [(EXPORT, 60), (IMPORT, 10)]


def test_a_task_that_is_done_is_shown_until_the_next_value_is_written(cleo: User) -> None:
    state.report_progress(cleo.pk, EXPORT, 100)
    state.report_progress(cleo.pk, EXPORT, 100)
    assert progress_of(cleo) == {EXPORT: 100}
    state.report_progress(cleo.pk, IMPORT, 1)
    assert progress_of(cleo) == {IMPORT: 1}
    state.report_progress(cleo.pk, EXPORT, 0)  # begun anew
    assert progress_of(cleo) == {IMPORT: 1, EXPORT: 0}


def test_beyond_fifty_the_oldest_leaves(cleo: User) -> None:
    for number in range(52):
        state.report_progress(cleo.pk, number, 1)
    state.report_progress(cleo.pk, 2, 5)
    assert list(progress_of(cleo).items())[::49] == [(2, 5), (51, 1)]


@pytest.mark.parametrize("progress", [-1, 101])
def test_what_is_no_progress_is_refused(cleo: User, progress: int) -> None:
    with pytest.raises(ValueError, match="no progress"):
        state.report_progress(cleo.pk, EXPORT, progress)
    assert not StateValue.objects.exists()
    assert not Feed.objects.exists()


def test_each_value_is_told_once_oldest_first_and_again_when_it_changes(
    make_ticket: MakeTicket, ada: User, cleo: User
) -> None:
    make_ticket()
    state.report_progress(ada.pk, EXPORT, 5)
    first = state.values(ada.pk, 0)
    assert [(value["name"], value["data"]) for value in first] == [
        ("unread_notification_count", 1),
        ("task_progress", [{"task_id": EXPORT, "progress": 5}]),
    ]
    last = first[-1]["timestamp"]
    assert first[0]["timestamp"] < last
    assert state.values(ada.pk, last) == []
    inbox.mark_all_read(user=ada)
    assert told(ada, last) == {"unread_notification_count": 0}
    last = state.values(ada.pk, last)[-1]["timestamp"]
    state.report_progress(ada.pk, EXPORT, 6)
    assert told(ada, last) == {"task_progress": [{"task_id": EXPORT, "progress": 6}]}
    assert told(cleo) == {}


def test_a_clock_that_goes_back_does_not_take_the_timestamps_along(cleo: User, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    for now in (1_000.0, 1_000.0, 500.0, 1_001.0):
        monkeypatch.setattr("time.time", partial(float, now))
        state.report_progress(cleo.pk, EXPORT, 1)
        seen.append(state.values(cleo.pk, 0)[0]["timestamp"])
    assert all(before < after for before, after in pairwise(seen))
    assert (seen[0], seen[-1]) == (1_000.0, 1_001.0)


def test_what_is_written_while_it_is_read_is_told_the_next_time(cleo: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its timestamp would hide what changed before it, and was read before that."""
    state.report_progress(cleo.pk, EXPORT, 1)
    before = feed.read(cleo.pk)
    state.report_progress(cleo.pk, EXPORT, 2)
    monkeypatch.setattr(feed, "read", lambda user_id: before)
    assert state.values(cleo.pk, 0) == []
    monkeypatch.undo()
    assert told(cleo) == {"task_progress": [{"task_id": EXPORT, "progress": 2}]}


def test_it_is_read_in_two_queries(make_ticket: MakeTicket, ada: User) -> None:
    make_ticket()
    state.report_progress(ada.pk, EXPORT, 1)
    with CaptureQueriesContext(connection) as queries:
        state.values(ada.pk, 0)
    assert len(queries) == 2


@in_real_transactions
def test_fifty_writers_at_once_lose_no_entry_and_their_timestamps_rise_strictly(cleo: User) -> None:
    given: list[float] = []

    def write(task: int) -> None:
        for progress in (7, 40):
            with transaction.atomic():
                state.report_progress(cleo.pk, task, progress)
                given.append(StateValue.objects.get().timestamp)  # while nobody else may write

    at_once(*[partial(write, task) for task in range(50)])
    assert progress_of(cleo) == dict.fromkeys(range(50), 40)
    assert given == sorted(set(given))
    assert len(given) == 100
    assert given[-1] == StateValue.objects.get().timestamp == Feed.objects.get().state_at


@in_real_transactions
def test_timestamps_rise_strictly_whoever_writes(cleo: User) -> None:
    given: list[float] = []

    def stamp() -> None:
        for _ in range(5):
            with transaction.atomic():
                own = positions.lock([cleo.pk])[cleo.pk]
                given.append(positions.stamp(own))
                positions.save([own])

    at_once(*[stamp] * 4)
    assert given == sorted(set(given))
    assert len(given) == 20


def test_a_count_that_the_release_before_has_kept_is_told_too(make_ticket: MakeTicket, ada: User) -> None:
    make_ticket()
    Feed.objects.update(state_at=0, unread_at=0)
    (value,) = state.values(ada.pk, 0)
    assert (value["name"], value["data"]) == ("unread_notification_count", 1)
    assert state.values(ada.pk, value["timestamp"]) == []
    make_ticket()
    assert told(ada, value["timestamp"]) == {"unread_notification_count": 2}
