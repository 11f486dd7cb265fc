"""GET /api/notifications/unread/"""

from core.actions import inbox as verbs
from core.models import Status
from core.notifications.positions import fold_all
from tests.api.notifications.inbox import URL, Inbox, assert_only, assert_refuses_strangers, queries
from tests.conftest import MakeTicket
from tests.openapi import ApiClient


def test_only_what_is_unread_newest_first(inbox: Inbox) -> None:
    inbox.tell(3)
    newest, middle, oldest = inbox.ids()
    inbox.post(f"{middle}/mark_as_read/")
    page = inbox.get("unread/")
    assert [row["id"] for row in page["results"]] == [newest, oldest]
    assert (page["count"], page["unread_count"], page["seq"]) == (2, 2, 4)
    assert not any(row["is_read"] or row["read_at"] for row in page["results"])
    assert inbox.get()["results"][0] == page["results"][0]


def test_what_a_read_all_covers_is_gone_at_once_and_stays_gone(inbox: Inbox) -> None:
    inbox.tell(2)
    one = inbox.ids()[0]
    inbox.post("mark_all_as_read/")
    assert inbox.ids("unread/") == []
    inbox.tell()
    inbox.post(f"{one}/mark_as_unread/")
    unread = inbox.ids("unread/")
    assert len(unread) == 2
    assert one in unread
    fold_all()
    assert inbox.ids("unread/") == unread


def test_it_takes_every_filter(inbox: Inbox, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(Status.RESOLVED)
    finished, created = inbox.ids()
    assert inbox.ids(f"unread/?ticket={ticket.pk}") == [finished, created]
    assert inbox.ids("unread/?ticket=999999") == []
    assert inbox.ids("unread/?event=work_finished") == [finished]
    assert inbox.ids("unread/?is_read=false") == [finished, created]
    assert inbox.ids("unread/?is_read=true") == inbox.ids("unread/?archived=true") == []
    assert len(inbox.ids("unread/?notification_type=EMAIL")) == 2
    assert len(inbox.ids("unread/?notification_type=ALL")) == 6
    assert inbox.ids("unread/?page_size=1&page=2") == [created]


def test_unchanged_it_is_304(inbox: Inbox) -> None:
    inbox.tell()
    etag = inbox.client.get(f"{URL}unread/").headers["ETag"]
    assert inbox.client.get(f"{URL}unread/", HTTP_IF_NONE_MATCH=etag).status_code == 304
    inbox.post("mark_all_as_read/")
    assert inbox.client.get(f"{URL}unread/", HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_it_takes_as_many_queries_for_thirty_as_for_three(inbox: Inbox) -> None:
    inbox.tell(3)
    few = queries(lambda: inbox.client.get(f"{URL}unread/?page_size=100"))
    inbox.tell(27)
    verbs.mark_read(user=inbox.user, ids=inbox.ids()[:5])
    assert queries(lambda: inbox.client.get(f"{URL}unread/?page_size=100")) == few == 4


def test_strangers_and_other_methods_are_refused(inbox: Inbox, anonymous: ApiClient) -> None:
    inbox.tell()
    assert_refuses_strangers(anonymous, "get", "unread/")
    assert_only(inbox.client, "unread/", "get")
