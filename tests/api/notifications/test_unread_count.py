"""GET /api/notifications/unread_count/"""

import pytest

from core.models import Feed, Status, User
from core.notifications.positions import fold_all
from tests.api.notifications.inbox import URL, Inbox, InboxOf, assert_only, assert_refuses_strangers, queries
from tests.conftest import MakeTicket
from tests.openapi import ApiClient

PATH = "unread_count/"


def by_type(number: int) -> dict[str, int]:
    return {"SYSTEM": number, "EMAIL": number, "WHATSAPP": number}


def test_counts_are_absolute_by_channel_and_by_event(inbox: Inbox, make_ticket: MakeTicket) -> None:
    assert inbox.get(PATH) == {"count": 0, "by_type": by_type(0), "by_event": {}, "seq": 0, "epoch": "0"}
    make_ticket(Status.RESOLVED)
    inbox.tell()
    events = {"ticket_created": 2, "work_finished": 1}
    assert inbox.get(PATH) == {"count": 3, "by_type": by_type(3), "by_event": events, "seq": 3, "epoch": "0"}
    inbox.post(f"{inbox.ids('?event=work_finished')[0]}/mark_as_read/")
    assert inbox.get(PATH) == {
        "count": 2,
        "by_type": by_type(2),
        "by_event": {"ticket_created": 2},
        "seq": 4,
        "epoch": "0",
    }
    inbox.post(f"{inbox.ids()[0]}/archive/")
    assert inbox.get(PATH) == {
        "count": 1,
        "by_type": by_type(1),
        "by_event": {"ticket_created": 1},
        "seq": 5,
        "epoch": "0",
    }
    inbox.post("mark_all_as_read/")
    assert inbox.get(PATH) == {"count": 0, "by_type": by_type(0), "by_event": {}, "seq": 6, "epoch": "0"}
    fold_all()
    assert inbox.get(PATH) == {"count": 0, "by_type": by_type(0), "by_event": {}, "seq": 6, "epoch": "0"}


def test_each_person_has_counts_of_their_own(
    inbox_of: InboxOf, ada: User, dan: User, cleo: User, carl: User, make_ticket: MakeTicket
) -> None:
    make_ticket(Status.CLOSED)
    counts = {user.username: inbox_of(user).get(PATH)["count"] for user in (ada, dan, cleo, carl)}
    assert counts == {"ada": 3, "dan": 2, "cleo": 3, "carl": 0}


def test_it_says_how_long_to_wait_before_asking_again_and_304_while_nothing_changed(inbox: Inbox) -> None:
    first = inbox.client.get(URL + PATH)
    etag = first.headers["ETag"]
    again = inbox.client.get(URL + PATH, HTTP_IF_NONE_MATCH=etag)
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    for response in (first, again):
        assert int(response.headers["X-Poll-Interval"]) > 0
    inbox.tell()
    changed = inbox.client.get(URL + PATH, HTTP_IF_NONE_MATCH=etag)
    assert (changed.status_code, changed.json()["count"]) == (200, 1)
    assert changed.headers["ETag"] != etag


@pytest.mark.parametrize("path", ["", "?cursor=", "unread/", PATH, "changes/?since=0"])
def test_whatever_is_polled_says_of_which_epoch_it_is_and_how_long_to_wait(inbox: Inbox, path: str) -> None:
    inbox.tell()
    Feed.objects.update(epoch="5eed")
    first = inbox.client.get(URL + path)
    assert (first.json()["epoch"], first.json()["seq"]) == ("5eed", 1)
    again = inbox.client.get(URL + path, HTTP_IF_NONE_MATCH=first.headers["ETag"])
    assert [response.headers["X-Poll-Interval"] for response in (first, again)] == ["30", "30"]
    assert (again.status_code, again.content) == (304, b"")


def test_it_takes_the_same_few_queries_however_many_there_are(inbox: Inbox) -> None:
    inbox.tell(3)
    few = queries(lambda: inbox.client.get(URL + PATH))
    inbox.tell(27)
    assert queries(lambda: inbox.client.get(URL + PATH)) == few == 2


def test_strangers_and_other_methods_are_refused(inbox: Inbox, anonymous: ApiClient) -> None:
    inbox.tell()
    assert_refuses_strangers(anonymous, "get", PATH)
    assert_only(inbox.client, PATH, "get")
