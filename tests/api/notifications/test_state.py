"""GET /api/notifications/state/"""

import pytest

from core.models import User
from core.notifications.state import report_progress
from tests.api.notifications.inbox import URL, Inbox, InboxOf, assert_only, assert_refuses_strangers, queries
from tests.openapi import ApiClient
from tests.tickets import refused

PATH = "state/"


def test_a_client_that_starts_at_nought_gets_the_current_values_only_oldest_first(inbox: Inbox) -> None:
    assert inbox.get(PATH) == []
    for progress in (0, 50):
        report_progress(inbox.user.pk, 7, progress)
    inbox.tell(2)
    task, unread = inbox.get(f"{PATH}?since=0")
    assert task["timestamp"] < unread["timestamp"]
    assert [(one["name"], one["data"]) for one in (task, unread)] == [
        ("task_progress", [{"task_id": 7, "progress": 50}]),
        ("unread_notification_count", 2),
    ]


def test_a_client_that_polls_with_the_last_timestamp_hears_each_change_once(inbox: Inbox) -> None:
    inbox.tell()
    since = inbox.get(PATH)[-1]["timestamp"]
    assert inbox.get(f"{PATH}?since={since}") == []
    inbox.post("mark_all_as_read/")
    report_progress(inbox.user.pk, 7, 100)
    unread, task = inbox.get(f"{PATH}?since={since}")
    assert (unread["data"], task["data"]) == (0, [{"task_id": 7, "progress": 100}])
    assert inbox.get(f"{PATH}?since={unread['timestamp']}") == [task]
    assert inbox.get(f"{PATH}?since={task['timestamp']}") == []


@pytest.mark.parametrize("since", ["0.", "0.0", "1.5", "1e3", "1E+3", "0e0"])
def test_any_way_to_write_a_number_will_do(inbox: Inbox, since: str) -> None:
    inbox.tell()
    assert len(inbox.get(f"{PATH}?since={since.replace('+', '%2B')}")) == 1


def test_nobody_sees_anothers(inbox_of: InboxOf, inbox: Inbox, dan: User) -> None:
    inbox.tell()
    report_progress(inbox.user.pk, 7, 5)
    assert inbox_of(dan).get(PATH) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        *(
            (f"since={one}", "since")
            for one in ("", "x", "-1", "-0.0", "nan", "NaN", "inf", "Infinity", "1e999", "1_0")
        ),
        ("after=1", "after"),
        ("since=1&epoch=0", "epoch"),
    ],
)
def test_bad_parameters_are_named(inbox: Inbox, query: str, field: str) -> None:
    inbox.tell()
    assert set(refused(400, inbox.client.get, f"{URL}{PATH}?{query}")) == {field}


def test_it_takes_three_queries(inbox: Inbox) -> None:
    inbox.tell(3)
    assert queries(lambda: inbox.client.get(URL + PATH)) == 3  # the session, the feed and the values


def test_strangers_and_other_methods_are_refused(inbox: Inbox, anonymous: ApiClient) -> None:
    inbox.tell()
    assert_refuses_strangers(anonymous, "get", PATH)
    assert_only(inbox.client, PATH, "get")
