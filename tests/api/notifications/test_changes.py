"""GET /api/notifications/changes/"""

from typing import Any

import pytest

from core.models import Feed, NotificationLog, Status, User
from core.notifications import feed
from core.notifications.frames import current_frame
from core.notifications.positions import fold_all
from tests.api.notifications.inbox import (
    URL,
    Inbox,
    InboxOf,
    assert_only,
    assert_refuses_strangers,
    queries,
)
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import refused

PATH = "changes/"


def seqs(answer: dict[str, Any]) -> list[tuple[int, int]]:
    """Where each result was created, and where it changed last."""
    return [(frame["seq"], frame["changed_seq"]) for frame in answer["results"]]


def test_nothing_has_happened_in_an_empty_inbox(inbox: Inbox) -> None:
    answer = {"results": [], "seq": 0, "epoch": "0", "unread_count": 0, "has_more": False, "recovered": True}
    assert inbox.get(f"{PATH}?since=0") == inbox.get(f"{PATH}?since=0&epoch=0") == answer


def test_what_is_new_comes_as_frames_and_what_was_known_does_not_come_again(
    inbox: Inbox, make_ticket: MakeTicket, ada: User
) -> None:
    make_ticket(Status.RESOLVED)
    answer = inbox.get(f"{PATH}?since=1&epoch=0")
    row = NotificationLog.objects.get(recipient=ada, notification_type="SYSTEM", seq=2)
    assert answer["results"] == [current_frame(row, unread_count=2)]
    assert (answer["seq"], answer["unread_count"], answer["recovered"], answer["has_more"]) == (2, 2, True, False)
    assert inbox.get(f"{PATH}?since=2")["results"] == []


def test_what_changed_comes_as_it_is_now_by_its_last_change(inbox: Inbox) -> None:
    inbox.tell(4)
    fourth, third, second, first = inbox.ids()
    inbox.post(f"{second}/mark_as_read/")
    inbox.post(f"{first}/archive/")
    inbox.tell()
    answer = inbox.get(f"{PATH}?since=4")
    assert seqs(answer) == [(2, 5), (1, 6), (7, 7)]
    assert [(one["is_read"], one["is_archived"]) for one in answer["results"]] == [
        (True, False),
        (True, True),
        (False, False),
    ]
    assert (answer["seq"], answer["unread_count"]) == (7, 3)
    inbox.post(f"{first}/mark_as_unread/")
    assert seqs(inbox.get(f"{PATH}?since=5")) == [(7, 7), (1, 8)]
    assert {third, fourth}.isdisjoint(one["id"] for one in inbox.get(f"{PATH}?since=4")["results"])


def test_a_read_all_is_seen_whole_before_and_after_its_rows_are_written(inbox: Inbox) -> None:
    inbox.tell(3)
    inbox.post("mark_all_as_read/")
    inbox.tell()
    before = inbox.get(f"{PATH}?since=3")
    assert seqs(before) == [(1, 4), (2, 4), (3, 4), (5, 5)]
    fold_all()
    assert inbox.get(f"{PATH}?since=3") == before


def test_very_many_come_in_pages(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST", 2)
    inbox.tell(5)
    since, pages = 0, []
    for _ in range(4):
        answer = inbox.get(f"{PATH}?since={since}")
        since = answer["seq"]
        pages.append(([seq for seq, _ in seqs(answer)], answer["has_more"]))
    assert pages == [([1, 2], True), ([3, 4], True), ([5], False), ([], False)]


@pytest.mark.parametrize(
    "query", ["since=1&epoch=other", "since=99", "since=9223372036854775807&epoch=5eed", "since=0"]
)
def test_when_it_cannot_be_told_whole_the_list_is_to_be_fetched_anew(inbox: Inbox, query: str) -> None:
    """Restored from a backup, ahead of what there is, or deleted for age."""
    inbox.tell(2)
    Feed.objects.update(epoch="5eed", min_seq=1)
    answer = inbox.get(f"{PATH}?{query}")
    where_to_go_on = {"seq": 2, "epoch": "5eed", "unread_count": 2}
    assert answer == {"results": [], "has_more": False, "recovered": False} | where_to_go_on
    assert inbox.get(f"{PATH}?since=2&epoch=5eed")["recovered"] is True


def test_an_epoch_that_was_left_empty_is_any(inbox: Inbox) -> None:
    inbox.tell()
    assert len(inbox.get(f"{PATH}?since=0&epoch=")["results"]) == 1


def test_nobody_sees_anothers(inbox_of: InboxOf, inbox: Inbox, dan: User) -> None:
    inbox.tell(2)
    assert inbox_of(dan).get(f"{PATH}?since=0")["results"] == []


def test_unchanged_it_is_304(inbox: Inbox) -> None:
    inbox.tell()
    etag = inbox.client.get(f"{URL}{PATH}?since=1").headers["ETag"]
    assert inbox.client.get(f"{URL}{PATH}?since=1", HTTP_IF_NONE_MATCH=etag).status_code == 304
    inbox.tell()
    assert inbox.client.get(f"{URL}{PATH}?since=1", HTTP_IF_NONE_MATCH=etag).status_code == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "since"),
        *((f"since={wrong}", "since") for wrong in ("", "-1", "x", "1.0", "1_0", "%2B1", "9223372036854775808")),
        ("since=0&epoch=12345678901234567", "epoch"),
        ("since=0&page=1", "page"),
        ("since=0&since_seq=1", "since_seq"),
    ],
)
def test_bad_parameters_are_named(inbox: Inbox, query: str, field: str) -> None:
    inbox.tell()
    assert set(refused(400, inbox.client.get, f"{URL}{PATH}?{query}")) == {field}


def test_it_takes_the_same_few_queries_however_many_there_are(inbox: Inbox) -> None:
    inbox.tell(3)
    few = queries(lambda: inbox.client.get(f"{URL}{PATH}?since=0"))
    inbox.tell(27)
    assert queries(lambda: inbox.client.get(f"{URL}{PATH}?since=0")) == few
    assert queries(lambda: inbox.client.get(f"{URL}{PATH}?since=30")) == 2  # nothing new: the session and the feed


def test_strangers_and_other_methods_are_refused(inbox: Inbox, anonymous: ApiClient) -> None:
    inbox.tell()
    assert_refuses_strangers(anonymous, "get", f"{PATH}?since=0")
    assert_only(inbox.client, PATH, "get")
