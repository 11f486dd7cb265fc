"""GET /api/tickets/{id}/decisions/"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.models import ChannelCircuit, DeliveryStatus, NotificationLog, Preference, Priority, Role, Ticket, User
from core.notifications.claims import claim
from core.notifications.decisions import decision
from core.notifications.ledger import begin
from core.notifications.reasons import BY_CODE, REASONS
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import row_of
from tests.openapi import ApiClient
from tests.tickets import NOBODY_SEES, Api, newcomers, queries, refused, url

PENDING, SKIPPED = DeliveryStatus.PENDING, DeliveryStatus.SKIPPED
LATER = timedelta(hours=1)


def decisions(client: ApiClient, ticket: Ticket, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"{url(ticket, 'decisions')}{query}")
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def test_an_admin_reads_why_each_was_sent_deferred_or_skipped(
    api: Api,
    ada: User,
    make_ticket: MakeTicket,
    deliver: Callable[[], None],
    mailbox: FakeSmtp,
    whatsapp: FakeTwilio,
) -> None:
    Preference.objects.create(user=ada, digest="daily", off={"WHATSAPP": ["*"]})
    ticket = make_ticket(quiet=False)
    deliver()
    [row] = decisions(api(ada), ticket)
    inbox, mail, message = row.pop("decisions")
    assert row == {
        "id": inbox["id"],
        "recipient": {"id": ada.pk, "username": "ada", "full_name": "Ada Admin"},
        "event": "ticket_created",
        "reason": "admin",
        "created_at": row["created_at"],
    }
    assert (inbox["status"], inbox["reason"], inbox["explanation"]) == ("DELIVERED", "", "It has arrived.")
    assert mail == {
        "id": row_of(ada, "EMAIL").pk,
        "notification_type": "EMAIL",
        "status": "PENDING",
        "reason": "digest",
        "decided_by": "digest",
        "explanation": "Waits for the person's next digest.",
        "deferred_until": mail["deferred_until"],
        "carried_by": None,
        "is_critical": False,
        "is_fallback": False,
        "sent_at": None,
        "delivered_at": None,
        "attempts": [],
    }
    assert mail["deferred_until"].endswith("08:00:00Z")
    assert (message["status"], message["reason"], message["decided_by"]) == ("SKIPPED", "preference_off", "preference")
    assert message["deferred_until"] is None


def test_what_is_critical_passes_and_every_attempt_is_shown(
    api: Api, ada: User, make_ticket: MakeTicket, deliver: Callable[[], None], mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    Preference.objects.create(user=ada, digest="daily")
    ticket = make_ticket(quiet=False, priority=Priority.CRITICAL)
    deliver()
    mailbox.take(ada.email)
    sent = whatsapp.take(str(ada.phone_number))
    _, mail, message = decisions(api(ada), ticket)[0]["decisions"]
    assert (mail["status"], mail["is_critical"], mail["explanation"]) == ("SENT", True, "The provider took it.")
    [attempt] = message["attempts"]
    assert attempt.pop("started_at") <= attempt.pop("finished_at") <= message["sent_at"]
    assert attempt.pop("id") > 0
    nothing_yet = {"reported": "", "reported_code": "", "reported_at": None}
    assert attempt == {"outcome": "SENT", "code": "", "provider_id": sent.sid} | nothing_yet


def test_an_attempt_that_was_cut_off_has_no_outcome(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(quiet=False)
    taken = claim("EMAIL")
    begin(taken.rows[0], taken.token)
    mail = decisions(api(ada), ticket)[0]["decisions"][1]
    assert (mail["status"], mail["decided_by"], mail["explanation"]) == ("SENDING", "", "A worker is sending it.")
    assert [(one["outcome"], one["finished_at"]) for one in mail["attempts"]] == [("", None)]


def test_a_channel_that_rests_is_why_nothing_goes(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(quiet=False)
    ChannelCircuit.objects.create(channel="EMAIL", code="535", open_until=timezone.now() + LATER)
    _, mail, message = decisions(api(ada), ticket)[0]["decisions"]
    assert (mail["status"], mail["decided_by"]) == ("PENDING", "circuit")
    assert (message["decided_by"], message["explanation"]) == ("", "It is due: the next free worker sends it.")


@pytest.mark.parametrize(
    ("fields", "by", "says"),
    [
        ({"status": "PENDING", "error": "421", "wait": LATER}, "mail server", "asks for patience"),
        ({"status": "PENDING", "error": "421", "wait": -LATER}, "", "It is due"),
        ({"status": "FAILED", "error": "599"}, "mail server", "refuses this mail"),
        ({"status": "FAILED", "error": "63099", "notification_type": "WHATSAPP"}, "Twilio", "refuses this message"),
        ({"status": "UNKNOWN", "error": "ZeroDivisionError"}, "worker", "the name of an exception"),
        ({"status": "CANCELLED", "error": "read"}, "inbox", "read in the inbox"),
        ({"status": "SENT", "error": "", "carried_by_id": 7}, "", "It is said in the message of delivery 7."),
        ({"status": "PENDING", "error": "carried", "carried_by_id": 7, "wait": LATER}, "bundle", "another delivery"),
        ({"status": "SENT", "error": "", "is_fallback": True}, "", "WhatsApp did not get through"),
        ({"status": "SKIPPED", "error": ""}, "", ""),
    ],
)
def test_whatever_stands_in_a_row_is_put_into_words(db: None, fields: dict[str, Any], by: str, says: str) -> None:
    now, wait = timezone.now(), fields.pop("wait", None)
    row = NotificationLog(**{"pk": 9, "notification_type": "EMAIL"} | fields)
    row.next_attempt_at = now + wait if wait else None
    row.last_attempts = []  # type: ignore[attr-defined]
    found = decision(row, now, rests=False)
    assert found.decided_by == by
    assert says in found.explanation
    assert found.until == (row.next_attempt_at if wait and wait > timedelta() else None)


def test_it_can_be_narrowed_and_comes_in_pages(api: Api, ada: User, dan: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(assigned_to=[dan])
    client = api(ada)
    assert {row["recipient"]["username"] for row in decisions(client, ticket)} == {"ada", "dan", "cleo"}
    assert [row["recipient"]["id"] for row in decisions(client, ticket, f"?recipient={dan.pk}")] == [dan.pk]
    assert decisions(client, ticket, "?status=FAILED") == []
    assert len(decisions(client, ticket, "?page_size=1")) == 1
    assert set(refused(400, client.get, f"{url(ticket, 'decisions')}?colour=red")) == {"colour"}


def test_addresses_and_links_are_nobody_s_business(api: Api, ada: User, new_ticket: Ticket) -> None:
    body = api(ada).get(url(new_ticket, "decisions")).content.decode()
    secrets = NotificationLog.objects.filter(ticket=new_ticket).values_list("link_key", flat=True)
    for private in (*secrets, ada.email, str(ada.phone_number), "link"):
        assert private not in body


def test_it_is_for_admins(
    api: Api, anonymous: ApiClient, ada: User, cleo: User, carl: User, dan: User, dora: User, make_ticket: MakeTicket
) -> None:
    where = url(make_ticket(assigned_to=[dan]), "decisions") + "?nonsense=1"
    assert refused(401, anonymous.get, where)["code"] == "not_authenticated"
    for stranger in (carl, dora):
        assert refused(404, api(stranger).get, where)["code"] == "not_found"
    for person in (cleo, dan):
        assert refused(403, api(person).get, where)["code"] == "permission_denied"
    assert refused(404, api(ada).get, url(NOBODY_SEES, "decisions"))["code"] == "not_found"
    for call in (api(ada).post, api(ada).put, api(ada).delete):
        assert refused(405, call, where)["code"] == "method_not_allowed"


def test_it_takes_as_many_queries_for_20_as_for_1(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    client, ticket = api(ada), make_ticket()
    few = queries(lambda: client.get(url(ticket, "decisions")))
    many = make_ticket(assigned_to=newcomers(Role.DEVELOPER, 18))
    assert len(decisions(client, many)) == 20
    # The session, the ticket, how many, the notifications, the circuits, the deliveries, the attempts.
    assert queries(lambda: client.get(url(many, "decisions"))) == few == 7


def test_every_code_has_one_meaning() -> None:
    assert len(BY_CODE) == sum(len(reason.codes) for reason in REASONS)
    assert all(reason.by and reason.statuses and reason.meaning for reason in REASONS)
