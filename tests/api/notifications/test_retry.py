"""POST /api/notifications/{delivery id}/retry/"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import AttemptOutcome, DeliveryAttempt, DeliveryStatus, NotificationLog, User
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import make_due, row_of
from tests.openapi import ApiClient
from tests.tickets import Api

FAILED, PENDING, SENT, UNKNOWN = (DeliveryStatus(name) for name in ("FAILED", "PENDING", "SENT", "UNKNOWN"))


@pytest.fixture
def client(api: Api, ada: User) -> ApiClient:
    return api(ada)


@pytest.fixture
def failed(
    make_ticket: MakeTicket, ada: User, deliver: Callable[[], None], mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> NotificationLog:
    """A mail to Ada that the server refused for good."""
    mailbox.refuse(550, times=1)
    make_ticket(quiet=False)
    deliver()
    whatsapp.take_all()
    row = row_of(ada, "EMAIL")
    assert (row.status, row.error) == (FAILED, "550")
    return row


def url(row: NotificationLog) -> str:
    return f"/api/notifications/{row.pk}/retry/"


def test_a_failed_one_goes_again(
    client: ApiClient, failed: NotificationLog, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    answer = client.post(url(failed))
    assert answer.status_code == 200
    shown = {"id": failed.pk, "notification_type": "EMAIL", "status": "PENDING", "error": ""}
    assert answer.json() == shown | {"sent_at": None, "delivered_at": None}
    deliver()
    failed.refresh_from_db()
    assert (failed.status, failed.attempts) == (SENT, 1)
    assert [mail.to for mail in mailbox.take_all()] == [failed.recipient.email]
    assert list(failed.delivery_attempts.values_list("outcome", flat=True)) == ["PERMANENT", "SENT"]


def test_it_gets_as_long_as_a_new_one(
    client: ApiClient, failed: NotificationLog, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    long_ago = timezone.now() - timedelta(days=3)
    failed.delivery_attempts.update(started_at=long_ago, finished_at=long_ago)
    client.post(url(failed))
    mailbox.refuse(450, times=1)
    deliver()
    failed.refresh_from_db()
    assert (failed.status, failed.attempts, failed.error) == (PENDING, 1, "450")
    make_due(failed)
    deliver()
    failed.refresh_from_db()
    assert failed.status == SENT
    mailbox.take(failed.recipient.email)


def test_of_an_unknown_one_the_provider_is_asked_first(
    client: ApiClient, failed: NotificationLog, ada: User, deliver: Callable[[], None], whatsapp: FakeTwilio
) -> None:
    row = row_of(ada, "WHATSAPP")
    NotificationLog.objects.filter(pk=row.pk).update(status=UNKNOWN)
    DeliveryAttempt.objects.filter(delivery=row).update(outcome=AttemptOutcome.AMBIGUOUS)
    assert client.post(url(row)).status_code == 200
    deliver()
    row.refresh_from_db()
    assert row.status == SENT
    assert whatsapp.take_all() == []  # it was in Twilio's list


@pytest.mark.parametrize("status", sorted(set(DeliveryStatus) - {FAILED, UNKNOWN, PENDING, "SENDING"}))
def test_what_has_not_failed_stays_as_it_is(client: ApiClient, failed: NotificationLog, status: str) -> None:
    NotificationLog.objects.filter(pk=failed.pk).update(status=status)
    answer = client.post(url(failed))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_failed")
    failed.refresh_from_db()
    assert (failed.status, failed.next_attempt_at) == (status, None)


def test_once_it_waits_again_there_is_nothing_to_retry(client: ApiClient, failed: NotificationLog) -> None:
    assert [client.post(url(failed)).status_code for _ in range(2)] == [200, 409]


def test_what_failed_in_the_message_of_another_goes_by_itself(client: ApiClient, failed: NotificationLog) -> None:
    carrier = NotificationLog.objects.exclude(pk=failed.pk).first()
    NotificationLog.objects.filter(pk=failed.pk).update(carried_by=carrier)
    assert client.post(url(failed)).status_code == 200
    failed.refresh_from_db()
    assert failed.carried_by is None


def test_only_admins_may(api: Api, client: ApiClient, failed: NotificationLog, dan: User) -> None:
    assert api(dan).post(url(failed)).status_code == 404  # somebody else's
    NotificationLog.objects.filter(pk=failed.pk).update(recipient=dan)
    assert api(dan).post(url(failed)).status_code == 403
    assert ApiClient().post(url(failed)).status_code == 401
    failed.refresh_from_db()
    assert failed.status == FAILED


def test_the_inbox_row_is_no_delivery(client: ApiClient, failed: NotificationLog, ada: User) -> None:
    assert client.post(url(row_of(ada, "SYSTEM"))).status_code == 404
    assert client.post("/api/notifications/999999999/retry/").status_code == 404


def test_it_takes_no_input(client: ApiClient, failed: NotificationLog) -> None:
    answer = client.post(url(failed), {"now": True})
    assert (answer.status_code, list(answer.json())) == (400, ["now"])
    failed.refresh_from_db()
    assert failed.status == FAILED
