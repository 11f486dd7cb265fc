"""Positions, unread counts and replay."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.actions import inbox
from core.models import Feed, NotificationLog, Status, User
from core.notifications import feed, positions
from tests.conftest import MakeTicket
from tests.notifications.support import at_once, row_of

in_real_transactions = pytest.mark.django_db(transaction=True)


def row(user: User, channel: str = "SYSTEM", event: str = "ticket_opened", **fields: object) -> NotificationLog:
    return NotificationLog(recipient=user, notification_type=channel, event=event, **fields)


# --- Locking --------------------------------------------------------------------------------------------


def test_a_first_notification_makes_the_feed(cleo: User, dan: User) -> None:
    with transaction.atomic():
        feeds = positions.lock({cleo.pk, dan.pk})
    assert sorted(feeds) == sorted([cleo.pk, dan.pk])
    assert all((one.top_seq, one.unread) == (0, {}) for one in feeds.values())
    assert Feed.objects.count() == 2


def test_feeds_are_locked_in_the_order_of_people_in_two_statements(ada: User, dan: User, cleo: User) -> None:
    everyone = [cleo.pk, ada.pk, dan.pk, ada.pk]
    with transaction.atomic():
        positions.lock(everyone)
        with CaptureQueriesContext(connection) as queries:
            feeds = positions.lock(everyone)
    assert list(feeds) == sorted(set(everyone))
    assert len(queries) == 2  # who has none yet, before the first lock; then the lock
    assert "ORDER BY" in queries[1]["sql"]
    assert connection.vendor == "sqlite" or " FOR " in queries[1]["sql"]


def test_locking_nobody_is_fine(db: None) -> None:
    with transaction.atomic():
        assert positions.lock([]) == {}
        positions.save([])


@in_real_transactions
def test_changes_at_the_same_time_never_get_the_same_position(cleo: User, dan: User) -> None:
    given: list[int] = []

    def change(order: list[int]) -> None:
        for _ in range(10):
            with transaction.atomic():
                feeds = positions.lock(order)
                given.append(positions.take(feeds[cleo.pk]))
                positions.save(feeds.values())

    at_once(*[lambda: change([cleo.pk, dan.pk]), lambda: change([dan.pk, cleo.pk])] * 2)
    assert sorted(given) == list(range(1, 41))
    assert feed.positions([cleo.pk, dan.pk]) == {cleo.pk: 40, dan.pk: 0}


@in_real_transactions
def test_a_position_is_given_out_after_the_one_before_is_committed(cleo: User) -> None:
    with transaction.atomic():
        positions.lock([cleo.pk])
    taken, seen = threading.Event(), []

    def second() -> None:
        taken.wait(5)
        with transaction.atomic():
            seen.append(positions.lock([cleo.pk])[cleo.pk].top_seq)

    def first() -> None:
        with transaction.atomic():
            feeds = positions.lock([cleo.pk])
            positions.take(feeds[cleo.pk])
            taken.set()
            positions.save(feeds.values())
            assert seen == []

    at_once(first, second)
    assert seen == [1]


# --- Counting -------------------------------------------------------------------------------------------


def test_counts_are_kept_per_channel_and_event_and_vanish_at_zero(cleo: User) -> None:
    own = Feed(user=cleo)
    positions.count(own, [row(cleo), row(cleo), row(cleo, "EMAIL"), row(cleo, event="comment_added")], +1)
    assert own.unread == {"SYSTEM": {"ticket_opened": 2, "comment_added": 1}, "EMAIL": {"ticket_opened": 1}}
    assert feed.unread_count(own) == 3
    positions.count(own, [row(cleo), row(cleo), row(cleo, "EMAIL")], -1)
    assert own.unread == {"SYSTEM": {"comment_added": 1}, "EMAIL": {}}
    assert feed.unread_count(own) == 1


def test_a_feed_that_does_not_exist_reads_as_empty(cleo: User) -> None:
    own = feed.read(cleo.pk)
    assert (own.pk, own.top_seq, feed.unread_count(own)) == (cleo.pk, 0, 0)
    assert not Feed.objects.exists()
    assert feed.positions([cleo.pk]) == {}


@pytest.mark.parametrize(
    ("is_read", "unread_seq", "expected"), [(False, 6, True), (False, 5, False), (True, 6, False), (True, 5, False)]
)
def test_a_read_all_covers_what_came_until_then(is_read: bool, unread_seq: int, expected: bool, cleo: User) -> None:
    own = Feed(user=cleo, read_up_to=5)
    assert feed.is_unread(own, row(cleo, is_read=is_read, unread_seq=unread_seq)) is expected


def test_rows_are_shown_as_a_read_all_leaves_them_before_it_is_written(cleo: User) -> None:
    at = datetime(2026, 1, 30, tzinfo=UTC)
    own = Feed(user=cleo, read_up_to=5, read_all_seq=6, read_all_at=at)
    covered = row(cleo, unread_seq=5, changed_seq=5)
    later = row(cleo, unread_seq=7, changed_seq=7)
    read_before = row(cleo, is_read=True, unread_seq=3, changed_seq=4)
    feed.settle(own, [covered, later, read_before])
    assert (covered.is_read, covered.read_at, covered.changed_seq) == (True, at, 6)
    assert (later.is_read, later.changed_seq) == (False, 7)
    assert (read_before.read_at, read_before.changed_seq) == (None, 4)


# --- Replay ---------------------------------------------------------------------------------------------


def test_replay_begins_after_the_position_and_ends_at_the_last(make_ticket: MakeTicket, cleo: User, ada: User) -> None:
    make_ticket(Status.CLOSED)
    position, frames = feed.since(cleo.pk, 1, limit=10)
    assert position == 3
    assert [(frame["seq"], frame["event"]) for frame in frames] == [(2, "work_started"), (3, "work_finished")]
    assert {frame["unread_count"] for frame in frames} == {3}
    assert frames[0]["id"] == row_of(cleo, "SYSTEM", "work_started").pk


def test_replay_comes_in_pages(make_ticket: MakeTicket, cleo: User) -> None:
    make_ticket(Status.CLOSED)
    seen, position = [], 0
    for _ in range(5):
        position, frames = feed.since(cleo.pk, position, limit=2)
        seen.append([frame["seq"] for frame in frames])
    assert seen == [[1, 2], [3], [], [], []]
    assert position == 3
    assert feed.since(cleo.pk, 0, limit=3) == (3, feed.since(cleo.pk, 0, limit=10)[1])


def test_replay_goes_past_positions_that_were_no_new_notification(make_ticket: MakeTicket, cleo: User) -> None:
    make_ticket(Status.CLOSED)
    inbox.mark_read(user=cleo, ids=[row_of(cleo, "SYSTEM", "work_started").pk])
    assert feed.since(cleo.pk, 3, limit=10) == (4, [])


def test_replay_of_an_empty_feed_is_empty(cleo: User) -> None:
    assert feed.since(cleo.pk, 0, limit=10) == (0, [])


def test_positions_are_read_in_one_query(make_ticket: MakeTicket, ada: User, dan: User, cleo: User) -> None:
    make_ticket(Status.CLOSED)
    with CaptureQueriesContext(connection) as queries:
        found = feed.positions([ada.pk, dan.pk, cleo.pk])
    assert found == {ada.pk: 3, dan.pk: 2, cleo.pk: 3}
    assert len(queries) == 1


# --- Folding --------------------------------------------------------------------------------------------


def test_folding_writes_time_and_position_of_the_read_all(
    make_ticket: MakeTicket, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "FOLD_BATCH", 2)  # several batches
    make_ticket(Status.CLOSED)
    inbox.mark_all_read(user=cleo)
    positions.fold_all()
    own = Feed.objects.get(user=cleo)
    assert (own.read_up_to, own.folded_up_to, own.read_all_seq, own.top_seq) == (3, 3, 4, 4)
    rows = NotificationLog.objects.filter(recipient=cleo)
    assert set(rows.values_list("is_read", "read_at", "changed_seq")) == {(True, own.read_all_at, 4)}


def test_folding_leaves_what_came_later_and_other_people(make_ticket: MakeTicket, ada: User, cleo: User) -> None:
    make_ticket(Status.RESOLVED)
    inbox.mark_all_read(user=cleo)
    inbox.mark_unread(user=cleo, notification_id=row_of(cleo, "SYSTEM", "work_started").pk)
    positions.fold_all()
    unread = NotificationLog.objects.filter(is_read=False, notification_type="SYSTEM")
    assert set(unread.filter(recipient=cleo).values_list("event", flat=True)) == {"work_started"}
    assert unread.filter(recipient=ada).count() == 2


def test_what_is_folded_is_not_folded_again(make_ticket: MakeTicket, cleo: User) -> None:
    make_ticket(Status.RESOLVED)
    inbox.mark_all_read(user=cleo)
    positions.fold_all()
    with CaptureQueriesContext(connection) as queries:
        positions.fold_all()
    assert len(queries) == 1
