"""GET /api/notifications/"""

from collections.abc import Callable
from typing import Any

import pytest

from core.actions import inbox as verbs
from core.models import NotificationLog, Status, User
from core.notifications.frames import timestamp
from core.notifications.positions import fold_all
from tests.api.notifications.inbox import (
    FOLDING,
    TYPES,
    URL,
    Inbox,
    InboxOf,
    assert_only,
    assert_refuses_strangers,
    queries,
)
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.openapi import ApiClient


def test_a_notification_shows_everything_there_is_to_know(
    inbox_of: InboxOf, ada: User, dan: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan], title="Bug Fix", priority="HIGH")
    page = inbox_of(dan).get()
    row = NotificationLog.objects.get(recipient=dan, notification_type="SYSTEM")
    others = NotificationLog.objects.filter(recipient=dan).exclude(pk=row.pk).order_by("pk")
    at = timestamp(row.created_at)
    assert page == {
        "count": 1,
        "next": None,
        "previous": None,
        "unread_count": 1,
        "seq": 1,
        "epoch": "0",
        "results": [
            {
                "id": row.pk,
                "seq": 1,
                "changed_seq": 1,
                "resource_type": "ticket",
                "resource_id": ticket.pk,
                "url": f"/api/tickets/{ticket.pk}/",
                "notification_type": "SYSTEM",
                "event": "ticket_assigned",
                "subject": f"{ticket.number} assigned to you: Bug Fix",
                "message": "You have been assigned to ticket: Bug Fix",
                "ticket": {
                    "id": ticket.pk,
                    "number": ticket.number,
                    "title": "Bug Fix",
                    "status": "OPEN",
                    "status_display": "Open",
                    "priority": "HIGH",
                },
                "actor": {"id": ada.pk, "username": "ada", "full_name": ada.full_name},
                "reason": "assigned",
                "is_read": False,
                "read_at": None,
                "is_archived": False,
                "status": "DELIVERED",
                "deliveries": [
                    {
                        "id": other.pk,
                        "notification_type": other.notification_type,
                        "status": "CANCELLED",
                        "sent_at": None,
                        "delivered_at": None,
                        "error": "set up by a test",
                    }
                    for other in others
                ],
                "created_at": at,
            }
        ],
    }
    assert {other.notification_type for other in others} == TYPES - {"SYSTEM"}


def test_deliveries_say_what_became_of_each_message(
    inbox_of: InboxOf,
    dan: User,
    make_ticket: MakeTicket,
    deliver: Callable[[], None],
    mailbox: FakeSmtp,
    whatsapp: FakeTwilio,
) -> None:
    make_ticket(assigned_to=[dan], quiet=False)
    waiting = inbox_of(dan).get()["results"][0]["deliveries"]
    assert {each["status"] for each in waiting} == {"PENDING"}
    deliver()
    for username in ("ada", "dan", "cleo"):
        mailbox.take(f"{username}@example.com")
        whatsapp.take(str(User.objects.get(username=username).phone_number))
    sent = inbox_of(dan).get()["results"][0]["deliveries"]
    assert [each["id"] for each in sent] == [each["id"] for each in waiting]
    assert {each["status"] for each in sent} == {"SENT"}
    assert all(each["sent_at"] and not each["error"] for each in sent)


def test_an_event_counts_once_newest_first(inbox: Inbox, make_ticket: MakeTicket) -> None:
    make_ticket(Status.CLOSED)
    page = inbox.get()
    assert [row["event"] for row in page["results"]] == ["ticket_approved", "work_finished", "ticket_created"]
    assert [row["seq"] for row in page["results"]] == [3, 2, 1]
    assert (page["count"], page["unread_count"], page["seq"]) == (3, 3, 3)


def test_an_empty_inbox_is_a_page_too(inbox: Inbox) -> None:
    empty: dict[str, Any] = {"count": 0, "next": None, "previous": None, "results": []}
    assert inbox.get() == empty | {"unread_count": 0, "seq": 0, "epoch": "0"}


def test_nobody_sees_anothers(inbox_of: InboxOf, inbox: Inbox, dan: User) -> None:
    inbox.tell(2)
    for query in ("", "?notification_type=ALL", "?archived=true"):
        assert inbox_of(dan).get(query)["results"] == []


def test_the_ticket_stands_there_as_it_was_then(inbox: Inbox, make_ticket: MakeTicket) -> None:
    make_ticket(Status.RESOLVED)
    assert [row["ticket"]["status"] for row in inbox.get()["results"]] == ["RESOLVED", "NEW"]


def test_read_and_unread_ones_can_be_told_apart_by_filter(inbox: Inbox) -> None:
    inbox.tell(3)
    newest, middle, oldest = inbox.ids()
    inbox.post(f"{middle}/mark_as_read/")
    for word in ("true", "True", "1"):
        assert inbox.ids(f"?is_read={word}") == [middle]
    for word in ("false", "FALSE", "0"):
        assert inbox.ids(f"?is_read={word}") == [newest, oldest]
    assert inbox.ids("?is_read=") == [newest, middle, oldest]


def test_a_read_all_counts_for_the_filter_before_its_rows_are_folded(inbox: Inbox) -> None:
    inbox.tell(2)
    before = inbox.ids()
    inbox.post("mark_all_as_read/")
    inbox.tell()
    for fold in FOLDING:
        fold()
        assert inbox.ids("?is_read=true") == before
        assert len(inbox.ids("?is_read=false")) == 1
        assert [row["is_read"] for row in inbox.get()["results"]] == [False, True, True]


def test_filters_by_ticket_and_event_go_together(inbox: Inbox, make_ticket: MakeTicket) -> None:
    first, second = make_ticket(Status.RESOLVED), make_ticket()
    assert [row["event"] for row in inbox.get(f"?ticket={first.pk}")["results"]] == ["work_finished", "ticket_created"]
    assert {row["ticket"]["id"] for row in inbox.get("?event=ticket_created")["results"]} == {first.pk, second.pk}
    assert len(inbox.ids(f"?event=ticket_created&ticket={first.pk}&is_read=false")) == 1
    assert inbox.ids("?event=ticket_rejected") == inbox.ids("?ticket=999999") == []


def test_archived_ones_are_there_only_when_asked_for(inbox: Inbox) -> None:
    inbox.tell(2)
    kept, gone = inbox.ids()
    inbox.post(f"{gone}/archive/")
    assert inbox.ids() == inbox.ids("?archived=false") == inbox.ids("?archived=") == [kept]
    assert inbox.ids("?archived=true") == [gone]
    assert inbox.get("?archived=true")["unread_count"] == 1


def test_other_channels_rows_are_there_only_when_asked_for(inbox: Inbox) -> None:
    inbox.tell(2)
    for kind in TYPES:
        page = inbox.get(f"?notification_type={kind}")
        assert {row["notification_type"] for row in page["results"]} == {kind}
        assert (page["count"], page["unread_count"]) == (2, 2)
        assert all(
            {each["notification_type"] for each in row["deliveries"]} == TYPES - {"SYSTEM"} for row in page["results"]
        )
    assert inbox.get("?notification_type=ALL")["count"] == 6
    assert inbox.ids("?notification_type=") == inbox.ids("?notification_type=SYSTEM") == inbox.ids()


def test_pages_of_twenty_up_to_a_hundred(inbox: Inbox) -> None:
    inbox.tell(23)
    first, second = inbox.get(), inbox.get("?page=2")
    assert (len(first["results"]), len(second["results"]), first["count"]) == (20, 3, 23)
    assert first["next"] == "http://testserver/api/notifications/?page=2"
    assert second["previous"] == "http://testserver/api/notifications/"
    assert inbox.ids("?page_size=5&page=5") == inbox.ids("?page_size=1000")[20:]
    ids = inbox.ids("?page_size=100")
    assert ids == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    "query",
    [
        "is_read=banana",
        "is_read=2",
        "archived=yes",
        "event=nothing",
        "event=TICKET_CREATED",
        "ticket=0",
        "ticket=-1",
        "ticket=x",
        "ticket=1.5",
        "ticket=99999999999999999999",
        "notification_type=SMS",
        "notification_type=system",
        "page_size=0",
        "page_size=-1",
        "page_size=x",
        "page_size=²",
        "nothing=1",
        "is_archived=true",
        "recipient=1",
        "ordering=id",
    ],
)
def test_bad_or_unknown_parameters_are_named(inbox: Inbox, query: str) -> None:
    inbox.tell()
    for path in ("", "unread/"):
        assert set(inbox.get(f"{path}?{query}", status=400)) == {query.partition("=")[0]}


def test_a_page_that_is_not_there_is_404(inbox: Inbox) -> None:
    inbox.tell()
    assert set(inbox.get("?page=2", status=404)) == {"detail", "code"}


def test_unchanged_it_is_304_and_every_change_is_seen(inbox: Inbox) -> None:
    inbox.tell(2)
    seen = set()
    key = inbox.ids()[0]
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: inbox.post(f"{key}/mark_as_read/"),
        lambda: inbox.post(f"{key}/mark_as_unread/"),
        lambda: inbox.post("mark_all_as_read/"),
        inbox.tell,
        lambda: inbox.post(f"{key}/archive/"),
    ]
    for step in steps:
        step()
        response = inbox.client.get(URL)
        etag = response.headers["ETag"]
        assert etag not in seen
        seen.add(etag)
        again = inbox.client.get(URL, HTTP_IF_NONE_MATCH=etag)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
        assert inbox.client.get(URL, HTTP_IF_NONE_MATCH='"another"').status_code == 200
    fold_all()
    assert inbox.client.get(URL, HTTP_IF_NONE_MATCH=etag).status_code == 304  # folding changes nothing that is seen


def test_it_takes_as_many_queries_for_thirty_as_for_three(inbox: Inbox) -> None:
    inbox.tell(3)
    inbox.get()  # the first one counts
    few = queries(lambda: inbox.client.get(f"{URL}?page_size=100"))
    inbox.tell(27)
    verbs.mark_read(user=inbox.user, ids=inbox.ids()[:5])
    assert queries(lambda: inbox.client.get(f"{URL}?page_size=100")) == few == 4
    assert queries(lambda: inbox.client.get(f"{URL}?page_size=100&is_read=false")) == 5


def test_strangers_and_other_methods_are_refused(inbox: Inbox, anonymous: ApiClient) -> None:
    inbox.tell()
    assert_refuses_strangers(anonymous, "get", "")
    assert_only(inbox.client, "", "get")
