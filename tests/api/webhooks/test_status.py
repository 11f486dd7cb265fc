"""POST /webhooks/twilio/status/<delivery>/"""

from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from core.models import DeliveryAttempt, DeliveryStatus, NotificationLog, User
from core.notifications import twilio
from core.notifications.deliver import drain
from tests.conftest import MakeTicket
from tests.fakes.twilio import FakeTwilio
from tests.fakes.twilio_messages import Report, WhatsApp
from tests.fakes.twilio_webhooks import signature, status_form
from tests.notifications.support import SENT, make_due, row_of
from tests.stack import TWILIO_AUTH_TOKEN

ADA = "+12025550101"


@pytest.fixture
def sent(make_ticket: MakeTicket, ada: User, whatsapp: FakeTwilio) -> WhatsApp:
    """A message that has gone to Ada."""
    make_ticket(quiet=False)
    NotificationLog.objects.filter(notification_type="EMAIL").update(status=SENT, next_attempt_at=None)
    drain("WHATSAPP")
    return whatsapp.take(ADA)


@pytest.fixture
def row(sent: WhatsApp, ada: User) -> NotificationLog:
    return row_of(ada, "WHATSAPP")


def url_of(sent: WhatsApp) -> str:
    return sent.form["StatusCallback"]


def form_of(sent: WhatsApp, said: str, **more: str) -> dict[str, str]:
    sent.reports.append(Report(said))
    return status_form(sent, "AC") | more


def test_each_message_names_its_attempt_and_what_is_reported_moves_its_delivery(
    row: NotificationLog, sent: WhatsApp, whatsapp: FakeTwilio
) -> None:
    attempt = DeliveryAttempt.objects.get()
    assert url_of(sent) == f"http://testserver/webhooks/twilio/status/{row.pk}/?attempt={attempt.pk}"
    for said, status in [("sent", SENT), ("delivered", "DELIVERED"), ("read", "READ"), ("delivered", "READ")]:
        assert whatsapp.report(sent, said) == 204
        row.refresh_from_db()
        assert row.status == status
    attempt.refresh_from_db()
    assert (attempt.reported, attempt.provider_id, attempt.outcome) == ("read", sent.sid, "SENT")


def test_what_twilio_lost_has_failed_with_its_code(row: NotificationLog, sent: WhatsApp, whatsapp: FakeTwilio) -> None:
    assert whatsapp.report(sent, "undelivered", 63003) == 204
    row.refresh_from_db()
    assert (row.status, row.error) == (DeliveryStatus.FAILED, "63003")


def test_what_may_go_well_another_time_goes_again(row: NotificationLog, sent: WhatsApp, whatsapp: FakeTwilio) -> None:
    whatsapp.report(sent, "failed", 63018)
    make_due(row)
    drain("WHATSAPP")
    again = whatsapp.take(ADA)
    assert [method for method, _ in whatsapp.requests] == ["POST", "POST"]  # nothing to look up: it did not arrive
    whatsapp.report(again, "delivered")
    row.refresh_from_db()
    assert (row.status, row.attempts, row.provider_id) == (DeliveryStatus.DELIVERED, 2, again.sid)
    assert url_of(again) != url_of(sent)


def test_a_report_before_the_answer_is_kept(
    make_ticket: MakeTicket, ada: User, whatsapp: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio.client().http_client, "timeout", 0.5)  # nothing but that one request is made
    make_ticket(quiet=False)
    whatsapp.hang(accepted=True)
    drain("WHATSAPP")
    row, sent = row_of(ada, "WHATSAPP"), whatsapp.take(ADA, within=5)
    assert (row.status, row.error) == ("PENDING", "timeout")
    whatsapp.report(sent, "delivered")
    make_due()
    drain("WHATSAPP")
    row.refresh_from_db()
    assert (row.status, row.provider_id, row.error) == (DeliveryStatus.DELIVERED, sent.sid, "")
    assert [method for method, _ in whatsapp.requests] == ["POST"]  # nobody was asked


@pytest.mark.parametrize(
    ("said", "more", "query"),
    [
        ("partially_delivered", {}, ""),  # a status we do not know
        ("", {}, ""),
        ("delivered", {}, "attempt=0"),
        ("delivered", {}, f"attempt={9**30}"),
        ("delivered", {}, "attempt=x"),
        ("delivered", {}, "nothing"),
    ],
)
def test_what_means_nothing_here_is_taken_and_changes_nothing(
    said: str, more: dict[str, str], query: str, row: NotificationLog, sent: WhatsApp, whatsapp: FakeTwilio
) -> None:
    url = f"{url_of(sent).partition('?')[0]}?{query}" if query else url_of(sent)
    assert whatsapp.call(url, form_of(sent, said, **more)).status == 204
    row.refresh_from_db()
    assert (row.status, DeliveryAttempt.objects.get().reported) == (SENT, "")


@pytest.mark.parametrize("delivery", ["0", "9" * 30])
def test_a_delivery_that_is_gone_is_no_matter(delivery: str, sent: WhatsApp, whatsapp: FakeTwilio) -> None:
    url = f"http://testserver/webhooks/twilio/status/{delivery}/?attempt={DeliveryAttempt.objects.get().pk}"
    assert whatsapp.call(url, form_of(sent, "delivered")).status == 204
    assert DeliveryAttempt.objects.get().reported == ""


def test_odd_parameters_are_taken(row: NotificationLog, sent: WhatsApp, whatsapp: FakeTwilio) -> None:
    odd = {"ErrorCode": "\x00" * 99, "MessageSid": "\x00", "Brand": "new", "To": "nobody"}
    assert whatsapp.call(url_of(sent), form_of(sent, "undelivered", **odd)).status == 204
    row.refresh_from_db()
    assert (row.status, row.error) == (DeliveryStatus.FAILED, "undelivered")


def test_only_what_twilio_has_signed_moves_anything(
    row: NotificationLog, sent: WhatsApp, whatsapp: FakeTwilio, settings: Settings
) -> None:
    url, form = url_of(sent), form_of(sent, "failed")
    wrong = ["", "nonsense", signature(url, form, "another"), signature(url.partition("?")[0], form, TWILIO_AUTH_TOKEN)]
    for header in wrong:
        answer = whatsapp.post(url, form, {"X-Twilio-Signature": header})
        assert (answer.status, "signature_invalid" in answer.text) == (403, True)
    settings.TWILIO_AUTH_TOKEN = ""
    assert whatsapp.post(url, form, {"X-Twilio-Signature": signature(url, form, "")}).status == 403
    row.refresh_from_db()
    assert row.status == SENT


def test_other_methods_and_bodies_are_refused(sent: WhatsApp) -> None:
    address = urlsplit(url_of(sent))
    url, client = f"{address.path}?{address.query}", Client(enforce_csrf_checks=True)
    assert client.get(url).status_code == 405
    assert client.post(url, "{}", content_type="application/json").status_code == 415


def test_where_twilio_cannot_reach_us_it_is_not_asked_to(
    make_ticket: MakeTicket, ada: User, whatsapp: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.notifications.twilio.reports_back", lambda: False)
    make_ticket(quiet=False)
    drain("WHATSAPP")
    assert "StatusCallback" not in whatsapp.take(ADA).form
    assert row_of(ada, "WHATSAPP").fallback_at is None


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://localhost", False),
        ("http://192.168.0.7", False),
        ("http://[::1]", False),
        ("https://incidents.example.com", True),
        ("https://8.8.8.8", True),
    ],
)
def test_twilio_reaches_public_addresses_alone(url: str, reached: bool, settings: Settings) -> None:
    settings.PUBLIC_URL, settings.TWILIO_API_URL = url, ""
    assert twilio.reports_back() is reached
    settings.TWILIO_ACCOUNT_SID = ""  # it goes to the outbox, of which nobody reports
    assert not twilio.reports_back()
