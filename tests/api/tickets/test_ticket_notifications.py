"""GET /api/tickets/{id}/notifications/"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from core.models import DeliveryStatus, NotificationLog, Role, Ticket, User
from core.notifications import registry
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.openapi import ApiClient
from tests.tickets import NOBODY_SEES, Api, newcomers, queries, refused, url

Rows = list[dict[str, Any]]


def notifications(client: ApiClient, ticket: Ticket, **query: Any) -> Rows:
    response = client.get(f"{url(ticket, 'notifications')}?{urlencode(query, doseq=True)}")
    assert response.status_code == 200, response.content
    rows: Rows = response.json()["results"]
    return rows


def told(rows: Rows) -> list[tuple[str, str, str]]:
    return [(row["recipient"]["username"], row["event"], row["reason"]) for row in rows]


def test_an_admin_sees_who_was_told_and_how_it_reached_them(
    api: Api,
    ada: User,
    dan: User,
    cleo: User,
    make_ticket: MakeTicket,
    deliver: Callable[[], None],
    mailbox: FakeSmtp,
    whatsapp: FakeTwilio,
) -> None:
    User.objects.filter(pk=dan.pk).update(phone_number="")
    make_ticket()
    ticket = make_ticket(assigned_to=[dan], quiet=False)
    deliver()
    mails, messages = mailbox.take_all(), whatsapp.take_all()
    assert (len(mails), len(messages)) == (3, 2)
    rows = notifications(api(ada), ticket)
    assert told(rows)[2:] == [("ada", "ticket_created", "admin")]
    assert set(told(rows)[:2]) == {("dan", "ticket_assigned", "assigned"), ("cleo", "ticket_opened", "creator")}
    row = next(row for row in rows if row["recipient"]["username"] == "dan")
    inbox, mail, message = row.pop("deliveries")
    assert row == {
        "id": inbox["id"],
        "recipient": {"id": dan.pk, "username": "dan", "full_name": "Dan Developer"},
        "event": "ticket_assigned",
        "reason": "assigned",
        "subject": f"{ticket.number} assigned to you: {ticket.title}",
        "created_at": row["created_at"],
    }
    assert (inbox["notification_type"], inbox["status"], inbox["attempts"]) == ("SYSTEM", "DELIVERED", 0)
    assert (mail["notification_type"], mail["status"], mail["attempts"], mail["error"]) == ("EMAIL", "SENT", 1, "")
    assert mail["sent_at"] > row["created_at"]
    assert (message["status"], message["error"], message["sent_at"]) == ("SKIPPED", "no_phone_number", None)


def test_addresses_and_links_are_nobody_s_business(api: Api, ada: User, cleo: User, new_ticket: Ticket) -> None:
    body = api(ada).get(url(new_ticket, "notifications")).content.decode()
    secrets = NotificationLog.objects.filter(ticket=new_ticket).values_list("link_key", flat=True)
    for private in (*secrets, ada.email, str(ada.phone_number), "link"):
        assert private not in body


@pytest.fixture
def spoilt(dan: User, dora: User, make_ticket: MakeTicket) -> Ticket:
    """Dan's mail has failed, everything else was cancelled."""
    ticket = make_ticket(assigned_to=[dan, dora])
    mail = NotificationLog.objects.filter(ticket=ticket, recipient=dan, notification_type="EMAIL")
    assert mail.update(status=DeliveryStatus.FAILED, error="550") == 1
    return ticket


def test_it_can_be_narrowed(api: Api, ada: User, dan: User, spoilt: Ticket) -> None:
    def found(**query: Any) -> set[str]:
        return {name for name, _, _ in told(notifications(api(ada), spoilt, **query))}

    assert (
        found() == found(status="CANCELLED") == found(status=["FAILED", "DELIVERED"]) == {"ada", "cleo", "dan", "dora"}
    )
    assert found(status="FAILED") == found(status=["FAILED", "UNKNOWN"]) == found(recipient=dan.pk) == {"dan"}
    assert found(status="FAILED", recipient=ada.pk) == found(status="SENT") == found(recipient=2**63 - 1) == set()
    [row] = notifications(api(ada), spoilt, status="FAILED")
    assert [one["notification_type"] for one in row["deliveries"]] == list(registry.channels())


def test_pages_are_as_everywhere(api: Api, ada: User, spoilt: Ticket) -> None:
    where = url(spoilt, "notifications")
    first = api(ada).get(f"{where}?page_size=3").json()
    assert (first["count"], len(first["results"]), first["previous"]) == (4, 3, None)
    second = api(ada).get(first["next"]).json()
    ids = [row["id"] for row in first["results"] + second["results"]]
    assert ids == sorted(ids, reverse=True)
    assert refused(404, api(ada).get, f"{where}?page=2")["code"] == "not_found"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("status", "LOST"), ("status", ""), ("recipient", "x"), ("recipient", "0"), ("nonsense", "1"), ("page_size", "0")],
)
def test_what_it_does_not_take_is_refused_by_name(
    api: Api, ada: User, new_ticket: Ticket, name: str, wrong: str
) -> None:
    answer = refused(400, api(ada).get, f"{url(new_ticket, 'notifications')}?{urlencode({name: wrong})}")
    assert set(answer) == {name}


def test_it_is_for_admins(
    api: Api, anonymous: ApiClient, ada: User, cleo: User, carl: User, dan: User, dora: User, make_ticket: MakeTicket
) -> None:
    where = url(make_ticket(assigned_to=[dan]), "notifications") + "?nonsense=1"
    assert refused(401, anonymous.get, where)["code"] == "not_authenticated"
    for stranger in (carl, dora):
        assert refused(404, api(stranger).get, where)["code"] == "not_found"
    for person in (cleo, dan):
        assert refused(403, api(person).get, where)["code"] == "permission_denied"
    for nothing in (NOBODY_SEES, 10**30):
        assert refused(404, api(ada).get, url(nothing, "notifications"))["code"] == "not_found"


def test_it_is_read_only(api: Api, ada: User, new_ticket: Ticket) -> None:
    client = api(ada)
    for call in (client.post, client.put, client.patch, client.delete):
        assert refused(405, call, url(new_ticket, "notifications"))["code"] == "method_not_allowed"


def test_it_takes_as_many_queries_for_20_as_for_1(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    client, ticket = api(ada), make_ticket()
    few = queries(lambda: client.get(url(ticket, "notifications")))
    many = make_ticket(assigned_to=newcomers(Role.DEVELOPER, 18))
    assert len(notifications(client, many)) == 20
    assert queries(lambda: client.get(url(many, "notifications"))) == few == 5  # session, ticket, count, rows, siblings
