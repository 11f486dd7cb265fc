"""POST /api/notifications/mark_as_read/"""

from typing import Any

import pytest

from core.models import NotificationLog, User
from core.notifications.positions import fold_all
from tests.api.notifications.inbox import (
    URL,
    Inbox,
    InboxOf,
    assert_only,
    assert_refuses_strangers,
    queries,
    state,
)
from tests.openapi import ApiClient

PATH = "mark_as_read/"


def mark(inbox: Inbox, *ids: int) -> Any:
    return inbox.post(PATH, {"notification_ids": ids})


def test_those_and_no_others_are_read(inbox: Inbox) -> None:
    inbox.tell(4)
    first, second, third, fourth = inbox.ids()
    assert mark(inbox, second, fourth) == {"count": 2, "unread_count": 2}
    assert inbox.read_by_the_api() == {first: False, second: True, third: False, fourth: True}
    assert inbox.get()["seq"] == 5  # one position for all of them


def test_those_that_are_read_already_are_not_counted(inbox: Inbox) -> None:
    inbox.tell(3)
    first, second, third = inbox.ids()
    mark(inbox, first)
    read_at = inbox.get(f"{first}/")["read_at"]
    assert mark(inbox, first, second) == {"count": 1, "unread_count": 1}
    assert inbox.get(f"{first}/")["read_at"] == read_at
    before = state()
    assert mark(inbox, first, second) == {"count": 0, "unread_count": 1}
    assert state() == before
    inbox.post("mark_all_as_read/")
    assert mark(inbox, first, second, third) == {"count": 0, "unread_count": 0}
    fold_all()
    assert mark(inbox, third) == {"count": 0, "unread_count": 0}


def test_a_notification_named_twice_or_by_its_deliveries_counts_once(inbox: Inbox) -> None:
    inbox.tell(2)
    key = inbox.ids()[0]
    deliveries = [each["id"] for each in inbox.get(f"{key}/")["deliveries"]]
    assert mark(inbox, key, key, *deliveries) == {"count": 1, "unread_count": 1}
    assert NotificationLog.objects.filter(is_read=True).count() == 3


def test_ids_of_other_people_or_of_none_are_passed_over(inbox: Inbox, inbox_of: InboxOf, dan: User) -> None:
    inbox.tell()
    key = inbox.ids()[0]
    before = state()
    assert mark(inbox_of(dan), key, 999_999, 2**63 - 1)["count"] == 0
    assert mark(inbox, 999_999)["count"] == 0
    assert state()[-3:] == before[-3:]
    assert mark(inbox, key, 999_999) == {"count": 1, "unread_count": 0}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"notification_ids": []},
        {"notification_ids": None},
        {"notification_ids": "1"},
        {"notification_ids": 1},
        {"notification_ids": ["x"]},
        {"notification_ids": [0]},
        {"notification_ids": [-1]},
        {"notification_ids": [1.5]},
        {"notification_ids": [2**63]},
        {"notification_ids": [[1]]},
        {"notification_ids": [None]},
        {"notification_ids": list(range(1, 1002))},
    ],
)
def test_bad_input_is_named(inbox: Inbox, body: dict[str, Any]) -> None:
    inbox.tell()
    before = state()
    assert set(inbox.post(PATH, body, status=400)) == {"notification_ids"}
    assert state() == before


def test_fields_we_do_not_take_are_named(inbox: Inbox) -> None:
    inbox.tell()
    body = {"notification_ids": inbox.ids(), "ids": [1]}
    assert set(inbox.post(PATH, body, status=400)) == {"ids"}
    assert inbox.get("unread_count/")["count"] == 1


def test_a_thousand_at_once_take_as_many_queries_as_three(inbox: Inbox) -> None:
    inbox.tell(33)
    ids = inbox.ids("?page_size=100")
    few = queries(lambda: inbox.client.post(URL + PATH, {"notification_ids": ids[:3]}))
    more = [*ids[3:], *range(10**6, 10**6 + 970)]
    assert queries(lambda: inbox.client.post(URL + PATH, {"notification_ids": more})) == few
    assert inbox.get("unread_count/")["count"] == 0


def test_strangers_and_other_methods_are_refused(inbox: Inbox, anonymous: ApiClient) -> None:
    inbox.tell()
    assert_refuses_strangers(anonymous, "post", PATH)
    assert_only(inbox.client, PATH, "post")
