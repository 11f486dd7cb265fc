"""Notifications are found, and marked as read, by what they are about, and found by who did it."""

from collections.abc import Callable
from copy import copy
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.actions import inbox as verbs
from core.actions.step import facts_of
from core.domain.change import Change, Person, Resource
from core.models import NotificationLog, Status, Ticket, User
from core.models.notification import about
from core.notifications.dispatch import announce
from tests.api.notifications.inbox import FOLDING, URL, Inbox, InboxOf, queries, state
from tests.conftest import MakeTicket

ALL = "mark_all_as_read/"
WHO = 1_000_007  # no ticket has that id
Lists = pytest.mark.parametrize("path", ["", "unread/"])


def tell(person: int, actor: User | None = None, *, ticket: Ticket | None = None, times: int = 1) -> None:
    """The admins, of the mail address of `person`, as if that were part of `ticket`."""
    for _ in range(times):
        with transaction.atomic():
            change = Change(
                event="address_suppressed",
                key=f"address_suppressed:{person}:{timezone.now().timestamp()}",
                at=timezone.now(),
                actor=Person(actor.pk, actor.username, actor.full_name) if actor else None,
                ticket=facts_of(ticket) if ticket else None,
                resource=Resource("user", person, f"/api/users/{person}/"),
                facts=(("person", "Dan"), ("reason", "bounce")),
                channels=("SYSTEM",),
            )
            announce(change)


def about_of(inbox: Inbox, query: str) -> list[tuple[str, int]]:
    return [(row["resource_type"], row["resource_id"]) for row in inbox.get(query)["results"]]


@Lists
def test_the_lists_can_be_narrowed_to_one_resource_or_a_type(inbox: Inbox, make_ticket: MakeTicket, path: str) -> None:
    ticket = make_ticket(Status.RESOLVED)
    tell(WHO, times=2)
    tell(ticket.pk)  # the same id, of another type
    assert about_of(inbox, f"{path}?resource_type=user&resource_id={WHO}") == [("user", WHO)] * 2
    assert about_of(inbox, f"{path}?resource_type=user") == [("user", ticket.pk), ("user", WHO), ("user", WHO)]
    assert about_of(inbox, f"{path}?resource_type=ticket&resource_id={ticket.pk}") == [("ticket", ticket.pk)] * 2
    assert about_of(inbox, f"{path}?resource_type=channel&resource_id=0") == []
    assert (
        about_of(inbox, f"{path}?resource_type=user&resource_id={WHO}&notification_type=ALL&archived=false")
        == [("user", WHO)] * 2
    )
    assert inbox.get(f"{path}?resource_id=&resource_type=")["count"] == 5


@Lists
def test_the_lists_can_be_narrowed_to_what_one_person_did(
    inbox: Inbox, make_ticket: MakeTicket, dan: User, cleo: User, path: str
) -> None:
    make_ticket(Status.RESOLVED)
    tell(WHO)
    assert [row["event"] for row in inbox.get(f"{path}?actor={dan.pk}")["results"]] == ["work_finished"]
    assert [row["event"] for row in inbox.get(f"{path}?actor={cleo.pk}")["results"]] == ["ticket_created"]
    assert inbox.ids(f"{path}?actor=999999") == []
    assert len(inbox.ids(f"{path}?actor={cleo.pk}&resource_type=ticket&event=ticket_created")) == 1


def test_archived_ones_and_other_channels_rows_are_found_the_same_way(
    inbox: Inbox, make_ticket: MakeTicket, cleo: User
) -> None:
    ticket = make_ticket()
    inbox.post(f"{inbox.ids()[0]}/archive/")
    query = f"?archived=true&notification_type=ALL&actor={cleo.pk}&resource_type=ticket&resource_id={ticket.pk}"
    assert {row["notification_type"] for row in inbox.get(query)["results"]} == {"SYSTEM", "EMAIL", "WHATSAPP"}


@Lists
@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("resource_id=7", "resource_type"),
        ("resource_id=7&resource_type=", "resource_type"),
        ("resource_type=users", "resource_type"),
        ("resource_type=USER&resource_id=7", "resource_type"),
        ("resource_type=user&resource_id=-1", "resource_id"),
        ("resource_type=user&resource_id=x", "resource_id"),
        ("resource_type=user&resource_id=99999999999999999999", "resource_id"),
        ("actor=0", "actor"),
        ("actor=ada", "actor"),
        ("actor=99999999999999999999", "actor"),
    ],
)
def test_what_is_no_resource_and_nobody_is_named(inbox: Inbox, path: str, query: str, named: str) -> None:
    assert set(inbox.get(f"{path}?{query}", status=400)) == {named}


def test_all_about_one_resource_is_read_at_once(
    inbox: Inbox, inbox_of: InboxOf, dan: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    tell(WHO, times=2)
    tell(ticket.pk)
    answer = inbox.post(f"{ALL}?resource_type=user&resource_id={WHO}")
    assert answer == {"message": "2 marked as read.", "count": 2, "unread_count": 2}
    for fold in FOLDING:
        fold()
        assert about_of(inbox, "unread/") == [("user", ticket.pk), ("ticket", ticket.pk)]
    before = state()
    assert inbox.post(f"{ALL}?resource_type=user&resource_id={WHO}")["count"] == 0
    assert inbox.post(f"{ALL}?resource_type=channel&resource_id=0")["count"] == 0
    assert state() == before
    assert inbox.post(f"{ALL}?resource_type=ticket&resource_id={ticket.pk}")["count"] == 1
    assert inbox_of(dan).get("unread_count/")["count"] == 1


def test_up_to_a_position_what_was_said_later_of_it_stays_unread(inbox: Inbox) -> None:
    tell(WHO, times=3)
    assert inbox.post(f"{ALL}?resource_type=user&resource_id={WHO}&up_to_seq=2") == {
        "message": "2 marked as read.",
        "count": 2,
        "unread_count": 1,
    }
    assert verbs.mark_all_read(user=inbox.user, resource=("user", WHO), up_to_seq=9).unread_count == 0


def test_what_concerns_a_ticket_is_more_than_what_is_about_it(inbox: Inbox, make_ticket: MakeTicket) -> None:
    ticket = make_ticket()
    tell(WHO, ticket=ticket)
    assert about_of(inbox, f"?ticket={ticket.pk}") == [("user", WHO), ("ticket", ticket.pk)]
    assert about_of(inbox, f"?resource_type=ticket&resource_id={ticket.pk}") == [("ticket", ticket.pk)]
    assert inbox.post(f"{ALL}?resource_type=ticket&resource_id={ticket.pk}")["unread_count"] == 1
    assert inbox.post(f"{ALL}?ticket={ticket.pk}")["unread_count"] == 0


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("resource_type=user", "resource_id"),
        ("resource_id=7", "resource_type"),
        ("resource_type=&resource_id=7", "resource_type"),
        ("resource_type=users&resource_id=7", "resource_type"),
        ("resource_type=user&resource_id=", "resource_id"),
        ("resource_type=user&resource_id=-1", "resource_id"),
        ("resource_type=user&resource_id=7&ticket=7", "ticket"),
        ("actor=7", "actor"),
    ],
)
def test_half_a_resource_is_refused_since_more_would_be_read_than_was_meant(
    inbox: Inbox, query: str, named: str
) -> None:
    tell(WHO)
    before = state()
    assert set(inbox.post(f"{ALL}?{query}", status=400)) == {named}
    assert state() == before


def test_it_takes_the_same_few_queries_however_many_there_are(inbox: Inbox, cleo: User) -> None:
    narrowed = f"{URL}?page_size=100&resource_type=user&resource_id={WHO}&actor={cleo.pk}"
    read = f"{URL}{ALL}?resource_type=user&resource_id={WHO}"
    calls: list[Callable[[], Any]] = [lambda: inbox.client.get(narrowed), lambda: inbox.client.post(read)]
    tell(WHO, cleo, times=3)
    few = [queries(call) for call in calls]
    tell(WHO, cleo, times=20)
    assert [queries(call) for call in calls] == few


@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL for its plan")
def test_what_is_about_something_is_found_by_an_index(ada: User, new_ticket: Ticket) -> None:
    other = NotificationLog.objects.filter(recipient=ada, notification_type="SYSTEM").get()
    made = [(n, kind) for n in range(2, 1_002) for kind in ("ticket", "user")]
    NotificationLog.objects.bulk_create(like(other, seq, kind, n) for seq, (n, kind) in enumerate(made, 2))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE core_notificationlog")
    by_ticket = ("ticket", new_ticket.pk), "core_notificationlog_ticket_id"
    for resource, index in [(("user", 7), "about_something_else"), by_ticket]:
        rows = NotificationLog.objects.filter(about(*resource), recipient=ada, notification_type="SYSTEM")
        for narrowed in (rows.order_by("-id")[:20], rows.filter(is_read=False)):
            assert index in narrowed.explain()


def like(other: NotificationLog, seq: int, kind: str, number: int) -> NotificationLog:
    """One about something else, which is there no more."""
    row = copy(other)
    row.pk, row.ticket, row.resource_type, row.resource_id = None, None, kind, number
    row.dedupe_key, row.notification, row.link_key = f"{kind}:{number}", uuid4(), uuid4().hex
    row.seq = row.changed_seq = row.unread_seq = seq
    return row
