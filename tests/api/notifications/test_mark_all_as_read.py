"""POST /api/notifications/mark_all_as_read/"""

from datetime import datetime

import pytest

from core.models import Feed, NotificationLog, Status, User
from core.notifications.positions import fold_all
from tests.api.notifications.inbox import (
    FOLDING,
    URL,
    Inbox,
    InboxOf,
    assert_counts_are_those_of_the_rows,
    assert_only,
    assert_refuses_strangers,
    queries,
    state,
)
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import unchecked

PATH = "mark_all_as_read/"


def fold_and_check() -> None:
    fold_all()
    assert_counts_are_those_of_the_rows()
    for feed in Feed.objects.all():
        assert feed.folded_up_to == feed.read_up_to
        covered = NotificationLog.objects.filter(recipient=feed.pk, unread_seq__lte=feed.read_up_to)
        assert not covered.filter(is_read=False).exists()


def test_everything_is_read_at_once_by_its_position_and_folded_afterwards(inbox: Inbox) -> None:
    inbox.tell(3)
    assert inbox.post(PATH) == {"message": "3 marked as read.", "count": 3, "unread_count": 0}
    assert not NotificationLog.objects.filter(is_read=True).exists()
    shown = inbox.get()
    assert (shown["unread_count"], shown["seq"]) == (0, 4)
    assert all(row["is_read"] and row["read_at"] and row["changed_seq"] == 4 for row in shown["results"])
    fold_and_check()
    assert inbox.get() == shown
    before = state()
    fold_all()
    assert state() == before


def test_a_second_time_changes_nothing(inbox: Inbox) -> None:
    inbox.tell(2)
    inbox.post(PATH)
    for fold in FOLDING:
        fold()
        before = state()
        assert inbox.post(PATH) == {"message": "0 marked as read.", "count": 0, "unread_count": 0}
        assert unchecked(inbox.client).post(URL + PATH, {}).json()["count"] == 0
        assert state() == before


def test_with_nothing_there_nothing_happens(inbox: Inbox) -> None:
    assert inbox.post(PATH)["count"] == 0
    assert inbox.get()["seq"] == 0


def test_what_comes_afterwards_is_unread_also_when_the_rows_are_folded_then(inbox: Inbox) -> None:
    inbox.tell(2)
    inbox.post(PATH)
    inbox.tell(2)
    unread = inbox.ids("unread/")
    assert len(unread) == 2
    fold_and_check()
    assert inbox.ids("unread/") == unread
    assert inbox.get("unread_count/")["count"] == 2


def test_a_second_read_all_before_the_fold_keeps_the_time_of_the_first(inbox: Inbox) -> None:
    inbox.tell()
    inbox.post(PATH)
    first = inbox.get()["results"][0]
    inbox.tell()
    assert inbox.post(PATH)["count"] == 1
    newer, older = inbox.get()["results"]
    assert older == first
    assert datetime.fromisoformat(newer["read_at"]) > datetime.fromisoformat(older["read_at"])
    fold_and_check()
    assert inbox.get()["results"] == [newer, older]


def test_what_was_read_before_keeps_its_time(inbox: Inbox) -> None:
    inbox.tell(2)
    key = inbox.ids()[0]
    read = inbox.post(f"{key}/mark_as_read/")["notification"]
    assert inbox.post(PATH)["count"] == 1
    fold_and_check()
    assert inbox.get(f"{key}/") == read


def test_one_marked_as_unread_after_an_unfolded_read_all_is_read_by_the_next(inbox: Inbox) -> None:
    inbox.tell(2)
    key = inbox.ids()[1]
    inbox.post(PATH)
    inbox.post(f"{key}/mark_as_unread/")
    assert inbox.post(PATH)["count"] == 1
    fold_and_check()
    assert set(inbox.read_by_the_api().values()) == {True}


def test_of_one_ticket_touches_that_ticket_only(inbox: Inbox, make_ticket: MakeTicket) -> None:
    first, second = make_ticket(Status.RESOLVED), make_ticket(Status.RESOLVED)
    answer = inbox.post(f"{PATH}?ticket={first.pk}")
    assert answer == {"message": "2 marked as read.", "count": 2, "unread_count": 2}
    read = {row["ticket"]["id"] for row in inbox.get("?is_read=true")["results"]}
    unread = {row["ticket"]["id"] for row in inbox.get("unread/")["results"]}
    assert (read, unread) == ({first.pk}, {second.pk})
    before = state()
    assert inbox.post(f"{PATH}?ticket={first.pk}")["count"] == 0
    assert inbox.post(f"{PATH}?ticket=999999")["count"] == 0
    assert state() == before


def test_of_one_ticket_after_an_unfolded_read_all_counts_only_what_is_new(
    inbox: Inbox, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket()
    inbox.post(PATH)
    before = state()
    assert inbox.post(f"{PATH}?ticket={ticket.pk}")["count"] == 0
    assert state() == before
    inbox.post(f"{inbox.ids()[0]}/mark_as_unread/")
    assert inbox.post(f"{PATH}?ticket={ticket.pk}") == {"message": "1 marked as read.", "count": 1, "unread_count": 0}
    fold_and_check()


def test_of_one_ticket_touches_nobody_elses(
    inbox: Inbox, inbox_of: InboxOf, dan: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    inbox.post(f"{PATH}?ticket={ticket.pk}")
    assert inbox_of(dan).get()["unread_count"] == 1
    inbox.post(PATH)
    fold_and_check()
    assert inbox_of(dan).get()["unread_count"] == 1


def test_up_to_a_position_what_came_later_stays_unread(inbox: Inbox) -> None:
    inbox.tell(3)
    newest = inbox.ids()[0]
    for _ in range(2):
        assert inbox.post(f"{PATH}?up_to_seq=2")["unread_count"] == 1
        assert inbox.ids("unread/") == [newest]
        fold_and_check()
    assert inbox.post(f"{PATH}?up_to_seq=0")["count"] == 0
    assert inbox.post(f"{PATH}?up_to_seq=9223372036854775807") == {
        "message": "1 marked as read.",
        "count": 1,
        "unread_count": 0,
    }


def test_of_one_ticket_up_to_a_position(inbox: Inbox, make_ticket: MakeTicket) -> None:
    ticket = make_ticket()
    inbox.tell()
    make_ticket(Status.RESOLVED)
    assert inbox.post(f"{PATH}?ticket={ticket.pk}&up_to_seq=0")["count"] == 0
    assert inbox.post(f"{PATH}?up_to_seq=2&ticket={ticket.pk}")["count"] == 1
    assert len(inbox.ids("unread/")) == 3
    fold_and_check()


@pytest.mark.parametrize("up_to_seq", ["", "-1", "x", "1.5", "1_0", "²", "9223372036854775808", "9" * 50])
def test_what_is_no_position_is_refused(inbox: Inbox, up_to_seq: str) -> None:
    inbox.tell()
    before = state()
    assert set(inbox.post(f"{PATH}?up_to_seq={up_to_seq}", status=400)) == {"up_to_seq"}
    assert state() == before


def test_very_many_of_one_ticket_are_read_in_several_statements(
    inbox: Inbox, make_ticket: MakeTicket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.notifications.positions.FOLD_BATCH", 2)
    ticket = make_ticket(Status.CLOSED)
    assert inbox.post(f"{PATH}?ticket={ticket.pk}")["count"] == 3
    inbox.tell(3)
    inbox.post(PATH)
    fold_and_check()


@pytest.mark.parametrize("ticket", ["", "0", "-1", "x", "1.5", "²", "99999999999999999999"])
def test_a_ticket_that_is_none_is_refused(inbox: Inbox, ticket: str) -> None:
    inbox.tell()
    before = state()
    assert inbox.post(f"{PATH}?ticket={ticket}", status=400) == {"ticket": ["Enter a ticket's id."]}
    assert state() == before


@pytest.mark.parametrize("query", ["tickets=1", "event=ticket_created", "up_to=1", "page=1"])
def test_an_unknown_parameter_is_refused_since_more_would_be_read_than_was_meant(inbox: Inbox, query: str) -> None:
    inbox.tell()
    before = state()
    assert inbox.post(f"{PATH}?{query}", status=400) == {query.partition("=")[0]: ["Unknown parameter."]}
    assert inbox.post(PATH, {"ticket": 1}, status=400) == {"ticket": ["This field is not accepted here."]}
    assert state() == before


def test_it_takes_the_same_few_queries_however_many_there_are(inbox: Inbox) -> None:
    inbox.tell(3)
    few = queries(lambda: inbox.client.post(URL + PATH))
    fold_all()
    inbox.tell(30)
    assert queries(lambda: inbox.client.post(URL + PATH)) == few


def test_strangers_and_other_methods_are_refused(inbox: Inbox, anonymous: ApiClient) -> None:
    inbox.tell()
    assert_refuses_strangers(anonymous, "post", PATH)
    assert_only(inbox.client, PATH, "post")
