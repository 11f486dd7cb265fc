"""/webhooks/anymail/<provider>/tracking/: bounces and complaints, as Postmark reports them."""

from base64 import b64encode
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from core.models import DeliveryStatus, NotificationLog, Suppression, User
from core.notifications.deliver import drain
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp

SECRET = "postmark:a-long-secret-of-the-tests-000001"
URL = "/webhooks/anymail/postmark/tracking/"
MESSAGE_ID = "883953f4-6105-42a2-a16a-77a8eac79483"
# https://postmarkapp.com/developer/webhooks/bounce-webhook
BOUNCE = {
    "RecordType": "Bounce",
    "ID": 4323372036854775807,
    "Type": "HardBounce",
    "TypeCode": 1,
    "Name": "Hard bounce",
    "Tag": "",
    "MessageID": MESSAGE_ID,
    "Metadata": {},
    "ServerID": 23,
    "MessageStream": "outbound",
    "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
    "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
    "Email": "Dan@example.com",
    "From": "incidents@example.com",
    "BouncedAt": "2026-11-05T16:33:54.9070259Z",
    "DumpAvailable": True,
    "Inactive": True,
    "CanActivate": True,
    "Subject": "A subject",
}
# https://postmarkapp.com/developer/webhooks/spam-complaint-webhook
COMPLAINT = BOUNCE | {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "TypeCode": 512, "Name": "Spam complaint"}
DELIVERY = {
    "RecordType": "Delivery",
    "MessageID": MESSAGE_ID,
    "Recipient": "dan@example.com",
    "DeliveredAt": "2026-11-05T16:33:54.9070259Z",
    "Metadata": {},
}


@pytest.fixture(autouse=True)
def postmark(settings: Settings) -> None:
    settings.EMAIL_ESP, settings.ANYMAIL = "postmark", {"WEBHOOK_SECRET": SECRET}


def report(payload: Any, *, secret: str = SECRET, **options: Any) -> Any:
    headers = {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}
    stranger = Client(enforce_csrf_checks=True)
    return stranger.post(URL, payload, content_type="application/json", headers=headers, **options)


@pytest.fixture
def sent(make_ticket: MakeTicket, dan: User, mailbox: FakeSmtp) -> NotificationLog:
    """A mail that Dan has got, as Postmark numbers it."""
    make_ticket(assigned_to=[dan], quiet=False)
    drain("EMAIL")
    mailbox.take_all()
    row = NotificationLog.objects.get(recipient=dan, notification_type="EMAIL")
    NotificationLog.objects.filter(pk=row.pk).update(provider_id=MESSAGE_ID)
    return row


@pytest.mark.parametrize(("payload", "cause"), [(BOUNCE, "bounced"), (COMPLAINT, "complained")])
def test_what_came_back_ends_mail_to_that_address_and_admins_are_told_once(
    payload: dict[str, Any], cause: str, sent: NotificationLog, ada: User, dan: User
) -> None:
    for _ in range(2):
        assert report(payload).status_code == 200
    found = Suppression.objects.get()
    assert (found.address, found.cause) == ("dan@example.com", cause)
    sent.refresh_from_db()
    assert (sent.status, sent.error) == (DeliveryStatus.FAILED, cause)
    told = NotificationLog.objects.get(event="address_suppressed", notification_type="SYSTEM")
    assert (told.recipient, told.actor, told.resource_type, told.resource_id) == (ada, None, "user", dan.pk)
    assert dan.full_name in told.message
    assert "@" not in told.subject + told.message


def test_nothing_more_is_sent_there_until_the_address_is_another(
    make_ticket: MakeTicket, ada: User, dan: User, mailbox: FakeSmtp
) -> None:
    report(BOUNCE)
    drain("EMAIL")
    mailbox.take(ada.email)  # is told
    for address, expected in (
        (dan.email, (DeliveryStatus.SKIPPED, "address_suppressed")),
        ("dan@elsewhere.example.com", (DeliveryStatus.SENT, "")),
    ):
        User.objects.filter(pk=dan.pk).update(email=address)
        ticket = make_ticket(assigned_to=[dan], quiet=False)
        drain("EMAIL")
        row = NotificationLog.objects.get(recipient=dan, notification_type="EMAIL", ticket=ticket)
        assert (row.status, row.error) == expected
    assert [mail.to for mail in mailbox.take_all() if mail.to.startswith("dan")] == ["dan@elsewhere.example.com"]


@pytest.mark.parametrize(
    "payload",
    [
        BOUNCE | {"Type": "SoftBounce"},
        BOUNCE | {"Type": "Transient"},
        BOUNCE | {"Email": "nobody@example.com"},
        DELIVERY,
        {"RecordType": "SomethingNew", "Later": True},
    ],
    ids=["mailbox full", "for a while", "of nobody's", "delivered", "unknown"],
)
def test_other_reports_change_nothing(payload: dict[str, Any], ada: User, dan: User) -> None:
    assert report(payload).status_code == 200
    assert not Suppression.objects.exists()
    assert not NotificationLog.objects.exists()


@pytest.mark.parametrize("secret", ["", "postmark:guessed", "nobody"])
def test_who_is_not_the_provider_is_refused(secret: str, dan: User) -> None:
    answer = report(BOUNCE, secret=secret)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_invalid")
    assert answer["WWW-Authenticate"].startswith("Basic")
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("payload", ["nonsense", "[]", '"text"', b"\xff", '{"RecordType": "Bounce", "BouncedAt": 7}'])
def test_what_cannot_be_read_is_refused(payload: Any, dan: User) -> None:
    answer = report(payload)
    assert (answer.status_code, list(answer.json())) == (400, ["non_field_errors"])


def test_others_than_the_provider_of_the_settings_have_no_address_here(client: Client, settings: Settings) -> None:
    assert client.head(URL).status_code == 200
    assert client.get(URL).status_code == 405
    assert client.post(URL.replace("postmark", "mailgun")).status_code == 404
    settings.EMAIL_ESP = ""
    assert client.head(URL).status_code == report(BOUNCE).status_code == 404


def test_admins_may_let_mail_go_there_again(client: Client, ada: User, dan: User) -> None:
    report(BOUNCE)
    client.force_login(ada)
    found = Suppression.objects.get()
    assert dan.email in client.get("/admin/core/suppression/").content.decode()
    assert client.get("/admin/core/suppression/add/").status_code == 403
    client.post(f"/admin/core/suppression/{found.pk}/delete/", {"post": "yes"})
    assert not Suppression.objects.exists()
    report(BOUNCE)
    assert NotificationLog.objects.filter(event="address_suppressed", notification_type="SYSTEM").count() == 2
    chosen = {"action": "delete_selected", "_selected_action": [Suppression.objects.get().pk], "post": "yes"}
    client.post("/admin/core/suppression/", chosen)
    assert not Suppression.objects.exists()
