"""What somebody missed: replay() for sockets and streams, changes() for clients that poll."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.actions import inbox
from core.models import Feed, Status, Ticket, User
from core.models.notification import SYSTEM
from core.notifications import feed, positions
from tests.conftest import MakeTicket
from tests.notifications.support import row_of

CREATED = ["ticket_opened", "work_started", "work_finished"]  # what Cleo is told of a ticket's life, at 1, 2 and 3


@pytest.fixture
def closed(make_ticket: MakeTicket) -> Ticket:
    return make_ticket(Status.CLOSED)


def key_of(user: User, event: str) -> int:
    return row_of(user, SYSTEM, event).pk


def seqs(frames: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Where each was created, and where it changed last."""
    return [(frame["seq"], frame["changed_seq"]) for frame in frames]


def as_seen(user: User, seq: int) -> list[tuple[int, int]]:
    """What `changes()` tells from there on, page by page."""
    seen, more = [], True
    while more:
        page = feed.changes(user.pk, seq, None)
        assert page.reason == ""
        seen += seqs(page.results)
        seq, more = page.seq, page.has_more
    assert seq == feed.read(user.pk).top_seq
    return seen


# --- replay() -------------------------------------------------------------------------------------------


def test_what_was_created_comes_oldest_first_as_it_is_now(closed: Ticket, cleo: User) -> None:
    inbox.mark_read(user=cleo, ids=[key_of(cleo, "work_started")])
    replay = feed.replay(cleo.pk, 0, "0")
    assert (replay.reason, replay.state, replay.feed.top_seq) == ("", None, 4)
    assert [frame["event"] for frame in replay.created] == CREATED
    assert seqs(replay.created) == [(1, 1), (2, 4), (3, 3)]
    assert [frame["is_read"] for frame in replay.created] == [False, True, False]
    assert {(frame["replay"], frame["unread_count"]) for frame in replay.created} == {(True, 2)}


def test_who_is_up_to_date_missed_nothing(closed: Ticket, cleo: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        replay = feed.replay(cleo.pk, 3, "0")
    assert (replay.reason, replay.created, replay.state) == ("", [], None)
    assert len(queries) == 1


def test_older_ones_that_changed_come_as_one_state_frame_at_the_position_one_was_at(
    make_ticket: MakeTicket, closed: Ticket, cleo: User
) -> None:
    opened, started, finished = (key_of(cleo, event) for event in CREATED)
    inbox.mark_read(user=cleo, ids=[opened, started])
    known = feed.read(cleo.pk).top_seq
    inbox.mark_unread(user=cleo, notification_id=opened)
    inbox.archive(user=cleo, notification_id=started)
    inbox.mark_read(user=cleo, ids=[finished])
    make_ticket(Status.OPEN)
    replay = feed.replay(cleo.pk, known, None)
    assert replay.state == {
        "type": "state",
        "seq": known,
        "unread_ids": [opened],
        "archived_ids": [started],
        "read_ids": [finished],
        "unread_count": 2,
    }
    assert [frame["event"] for frame in replay.created] == ["ticket_opened"]


def test_a_read_all_is_one_position_in_the_state_frame_written_into_the_rows_or_not(closed: Ticket, cleo: User) -> None:
    inbox.mark_all_read(user=cleo, up_to_seq=2)
    expected = {"type": "state", "seq": 3, "all_up_to_seq": 2, "unread_count": 1}
    assert feed.replay(cleo.pk, 3, None).state == expected
    positions.fold_all()
    assert feed.replay(cleo.pk, 3, None).state == expected
    assert [frame["is_read"] for frame in feed.replay(cleo.pk, 1, None).created] == [True, False]


@pytest.mark.parametrize("folded", [False, True])
def test_what_came_back_from_the_archive_before_a_read_all_is_named(closed: Ticket, cleo: User, folded: bool) -> None:
    opened = key_of(cleo, "ticket_opened")
    inbox.archive(user=cleo, notification_id=opened)
    known = feed.read(cleo.pk).top_seq
    inbox.mark_unread(user=cleo, notification_id=opened)
    inbox.mark_all_read(user=cleo)
    if folded:
        positions.fold_all()
    state = {"type": "state", "seq": known, "all_up_to_seq": known + 1, "read_ids": [opened], "unread_count": 0}
    assert feed.replay(cleo.pk, known, None).state == state


def test_what_was_marked_as_unread_after_a_read_all_is_told_beside_it(closed: Ticket, cleo: User) -> None:
    inbox.mark_all_read(user=cleo)
    inbox.mark_unread(user=cleo, notification_id=key_of(cleo, "work_started"))
    state = feed.replay(cleo.pk, 3, None).state
    assert state is not None
    assert (state["all_up_to_seq"], state["unread_ids"]) == (3, [key_of(cleo, "work_started")])


@pytest.mark.parametrize("since", [0, 3])
def test_more_than_may_be_told_is_not_told_at_all(
    closed: Ticket, cleo: User, monkeypatch: pytest.MonkeyPatch, since: int
) -> None:
    inbox.mark_read(user=cleo, ids=[key_of(cleo, event) for event in CREATED])
    monkeypatch.setattr(feed, "MOST", 2)
    replay = feed.replay(cleo.pk, since, None)
    assert (replay.reason, replay.created, replay.state) == ("too_many", [], None)
    monkeypatch.setattr(feed, "MOST", 3)
    assert feed.replay(cleo.pk, since, None).reason == ""


@pytest.mark.parametrize(
    ("seq", "epoch", "reason"),
    [(3, "other", "epoch"), (3, "", "epoch"), (4, "0", "ahead"), (1, "0", "trimmed"), (2, "0", ""), (2, None, "")],
)
def test_a_position_that_means_nothing_here_is_told_why(
    closed: Ticket, cleo: User, seq: int, epoch: str | None, reason: str
) -> None:
    Feed.objects.filter(pk=cleo.pk).update(min_seq=2)
    replay, changes = feed.replay(cleo.pk, seq, epoch), feed.changes(cleo.pk, seq, epoch)
    assert replay.reason == changes.reason == reason
    if reason:
        assert (replay.created, replay.state, changes.results, changes.seq) == ([], None, [], 3)


# --- changes() ------------------------------------------------------------------------------------------


def test_changes_come_by_their_position_and_each_once(closed: Ticket, cleo: User) -> None:
    inbox.mark_read(user=cleo, ids=[key_of(cleo, "ticket_opened")])
    assert as_seen(cleo, 0) == [(2, 2), (3, 3), (1, 4)]
    assert as_seen(cleo, 3) == [(1, 4)]
    assert as_seen(cleo, 4) == []


def test_changes_come_in_pages_that_never_part_what_changed_together(
    make_ticket: MakeTicket, closed: Ticket, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.mark_read(user=cleo, ids=[key_of(cleo, event) for event in CREATED[:2]])
    make_ticket(Status.OPEN)
    monkeypatch.setattr(feed, "MOST", 2)
    first = feed.changes(cleo.pk, 0, None)
    assert (seqs(first.results), first.seq, first.has_more) == ([(3, 3)], 3, True)
    second = feed.changes(cleo.pk, first.seq, None)
    assert (seqs(second.results), second.seq, second.has_more) == ([(1, 4), (2, 4)], 4, True)
    third = feed.changes(cleo.pk, second.seq, None)
    assert (seqs(third.results), third.seq, third.has_more) == ([(5, 5)], 5, False)


def test_more_at_one_position_than_fit_on_a_page_are_not_told_at_all(
    closed: Ticket, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST", 2)
    inbox.mark_all_read(user=cleo)
    for _ in range(2):  # before the fold and after it
        page = feed.changes(cleo.pk, 3, None)
        assert (page.reason, page.results, page.seq) == ("too_many", [], 4)
        positions.fold_all()


def test_a_read_all_is_whole_and_never_twice_however_far_it_is_written(
    make_ticket: MakeTicket, closed: Ticket, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.mark_all_read(user=cleo)
    make_ticket(Status.OPEN)
    expected = [(1, 4), (2, 4), (3, 4), (5, 5)]
    assert as_seen(cleo, 0) == as_seen(cleo, 3) == expected
    assert as_seen(cleo, 4) == [(5, 5)]
    monkeypatch.setattr(positions, "FOLD_BATCH", 2)
    more = True
    while more:
        with transaction.atomic():
            more = positions.fold_batch(positions.lock([cleo.pk])[cleo.pk])
        assert as_seen(cleo, 0) == as_seen(cleo, 3) == expected
    assert {frame["is_read"] for frame in feed.changes(cleo.pk, 3, None).results[:3]} == {True}


def test_it_takes_the_same_few_queries_however_many_there_are(make_ticket: MakeTicket, cleo: User) -> None:
    def taken() -> list[int]:
        found = []
        for ask in (feed.replay, feed.changes):
            with CaptureQueriesContext(connection) as queries:
                ask(cleo.pk, 1, "0")
            found.append(len(queries))
        return found

    make_ticket(Status.CLOSED)
    inbox.mark_all_read(user=cleo)
    few = taken()
    for _ in range(3):
        make_ticket(Status.CLOSED)
    assert taken() == few
    assert max(few) <= 5
