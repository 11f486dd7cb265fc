"""When WhatsApp does not get through, the mail goes that its recipient had switched off: once."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from core.actions import inbox
from core.models import DeliveryStatus, NotificationLog, Preference, Ticket, User
from core.notifications import queue
from core.notifications.channel import Permanent, Transient, Unknown
from core.notifications.deliver import drain
from core.notifications.fallback import due, due_at
from core.notifications.outcomes import consequence
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications import broker
from tests.notifications.support import PENDING, SENT, at_once, make_due, row_of

ADA, ADAS_MAIL = "+12025550101", "ada@example.com"
FAILED, SKIPPED, UNKNOWN = DeliveryStatus.FAILED, DeliveryStatus.SKIPPED, DeliveryStatus.UNKNOWN


@pytest.fixture
def no_mail(ada: User) -> None:
    """Ada wants to hear of new tickets by WhatsApp alone."""
    Preference.objects.create(user=ada, off={"EMAIL": ["ticket_created"]})


@pytest.fixture
def unwanted(no_mail: None, make_ticket: MakeTicket) -> None:
    """A ticket she is being told of; no mail goes."""
    make_ticket(quiet=False)
    drain("EMAIL")


def mail(ada: User) -> tuple[str, str, bool]:
    row = row_of(ada, "EMAIL")
    return row.status, row.error, row.is_fallback


def time_is_up() -> None:
    NotificationLog.objects.filter(fallback_at__isnull=False).update(fallback_at=timezone.now())


UNWANTED = (SKIPPED, "preference_off", False)


def test_what_twilio_refuses_goes_by_mail_at_once_and_once(
    unwanted: None, ada: User, whatsapp: FakeTwilio, mailbox: FakeSmtp
) -> None:
    assert mail(ada) == UNWANTED
    whatsapp.fail(400, 63003)
    drain("WHATSAPP")
    assert mail(ada) == (PENDING, "", True)
    drain("EMAIL")
    assert mail(ada) == (SENT, "", True)
    mailbox.take(ADAS_MAIL)
    row = row_of(ada, "WHATSAPP")
    assert (row.status, row.fallback_at) == (FAILED, None)
    NotificationLog.objects.filter(pk=row.pk).update(
        status=PENDING, next_attempt_at=timezone.now()
    )  # once more by hand
    whatsapp.fail(400, 63003)
    drain("WHATSAPP")
    assert (due(), mail(ada)) == (0, (SENT, "", True))


def test_what_twilio_loses_goes_by_mail(unwanted: None, ada: User, whatsapp: FakeTwilio, mailbox: FakeSmtp) -> None:
    drain("WHATSAPP")
    sent = whatsapp.take(ADA)
    whatsapp.report(sent, "sent")
    assert mail(ada) == UNWANTED
    whatsapp.report(sent, "undelivered", 63016)
    assert mail(ada) == (PENDING, "", True)
    drain("EMAIL")
    mailbox.take(ADAS_MAIL)
    whatsapp.report(sent, "delivered")  # it had arrived after all: nothing more comes of it
    make_due()
    drain("EMAIL")
    assert (row_of(ada, "WHATSAPP").status, mail(ada)[0]) == ("DELIVERED", SENT)


def test_what_has_not_arrived_in_time_goes_by_mail(
    unwanted: None, ada: User, whatsapp: FakeTwilio, mailbox: FakeSmtp
) -> None:
    before = timezone.now()
    drain("WHATSAPP")
    sent = whatsapp.take(ADA)
    at = row_of(ada, "WHATSAPP").fallback_at
    assert at is not None
    assert timedelta(minutes=14, seconds=59) < at - before < timedelta(minutes=16)
    assert due() == 0
    time_is_up()
    queue.deliver_due()
    assert mail(ada) == (PENDING, "", True)
    assert row_of(ada, "WHATSAPP").fallback_at is None
    drain("EMAIL")
    mailbox.take(ADAS_MAIL)
    whatsapp.report(sent, "undelivered", 63003)
    assert (due(), mail(ada)[0]) == (0, SENT)


def test_what_has_arrived_in_time_does_not(unwanted: None, ada: User, whatsapp: FakeTwilio) -> None:
    drain("WHATSAPP")
    whatsapp.report(whatsapp.take(ADA), "delivered")
    assert row_of(ada, "WHATSAPP").fallback_at is None
    time_is_up()
    assert (due(), mail(ada)) == (0, UNWANTED)


def test_what_twilio_is_not_there_to_take_goes_by_mail_in_time(
    unwanted: None, ada: User, whatsapp: FakeTwilio, mailbox: FakeSmtp
) -> None:
    whatsapp.stop()
    drain("WHATSAPP")
    assert (row_of(ada, "WHATSAPP").status, due(), mail(ada)) == (PENDING, 0, UNWANTED)
    time_is_up()
    assert (due(), mail(ada)) == (1, (PENDING, "", True))
    drain("EMAIL")
    mailbox.take(ADAS_MAIL)
    make_due()
    drain("WHATSAPP")  # still away
    time_is_up()
    assert due() == 0
    whatsapp.start()
    make_due()
    drain("WHATSAPP")
    whatsapp.take(ADA)


def test_what_was_taken_at_last_needs_no_mail_where_twilio_cannot_report(
    unwanted: None, ada: User, whatsapp: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.notifications.twilio.reports_back", lambda: False)
    whatsapp.fail(429, 20429)
    drain("WHATSAPP")
    assert row_of(ada, "WHATSAPP").fallback_at is not None
    make_due(row_of(ada, "WHATSAPP"))
    drain("WHATSAPP")
    whatsapp.take(ADA)
    row = row_of(ada, "WHATSAPP")
    assert (row.status, row.fallback_at) == (SENT, None)


def test_a_window_that_has_closed_lets_the_mail_go(unwanted: None, ada: User, mailbox: FakeSmtp) -> None:
    User.objects.filter(pk=ada.pk).update(whatsapp_inbound_at=timezone.now() - timedelta(days=2))
    drain("WHATSAPP")
    row = row_of(ada, "WHATSAPP")
    assert (row.status, row.error) == (SKIPPED, "template_required")
    drain("EMAIL")
    mailbox.take(ADAS_MAIL)


def test_what_was_read_in_the_inbox_goes_no_more(unwanted: None, ada: User, whatsapp: FakeTwilio) -> None:
    whatsapp.fail(400, 63003)
    drain("WHATSAPP")
    inbox.mark_all_read(user=ada)
    drain("EMAIL")
    assert mail(ada) == (DeliveryStatus.CANCELLED, "read", True)


@pytest.mark.parametrize(
    "end", [(SENT, ""), (FAILED, "550"), (SKIPPED, "no_email"), (DeliveryStatus.CANCELLED, "muted")]
)
def test_a_mail_of_its_own_is_enough(end: tuple[str, str], told: Ticket, ada: User, whatsapp: FakeTwilio) -> None:
    status, error = end
    NotificationLog.objects.filter(notification_type="EMAIL").update(status=status, error=error, next_attempt_at=None)
    whatsapp.fail(400, 63003)
    drain("WHATSAPP")
    assert (due(), mail(ada)) == (0, (status, error, False))
    assert row_of(ada, "WHATSAPP").fallback_at is None


def test_a_mail_that_has_not_been_decided_on_is_waited_for(
    no_mail: None, told: Ticket, ada: User, whatsapp: FakeTwilio
) -> None:
    whatsapp.fail(400, 63003)
    drain("WHATSAPP")
    assert mail(ada) == (PENDING, "", False)
    drain("EMAIL")
    assert (due(), mail(ada)) == (0, UNWANTED)
    time_is_up()
    assert (due(), mail(ada)) == (1, (PENDING, "", True))


def test_without_a_mail_there_is_nothing_to_fall_back_to(told: Ticket, ada: User, whatsapp: FakeTwilio) -> None:
    row_of(ada, "EMAIL").delete()
    whatsapp.fail(400, 63003)
    drain("WHATSAPP")
    assert row_of(ada, "WHATSAPP").fallback_at is None


def test_it_can_be_switched_off(unwanted: None, ada: User, whatsapp: FakeTwilio, settings: Settings) -> None:
    settings.WHATSAPP_FALLBACK_MINUTES = 0
    whatsapp.fail(400, 63003)
    drain("WHATSAPP")
    assert (due(), mail(ada)) == (0, UNWANTED)


def test_when(told: Ticket, ada: User, settings: Settings) -> None:
    row, now, later = row_of(ada, "WHATSAPP"), timezone.now(), timedelta(minutes=settings.WHATSAPP_FALLBACK_MINUTES)
    assert due_at(row, UNKNOWN, "no_answer", now) == now + later
    assert due_at(row, SKIPPED, "no_phone_number", now) is due_at(row, DeliveryStatus.CANCELLED, "muted", now) is None
    assert due_at(row_of(ada, "EMAIL"), FAILED, "550", now) is None
    assert consequence(row, Permanent("63003"))["fallback_at"] <= timezone.now()
    assert consequence(row, Unknown("no_answer"))["fallback_at"] > timezone.now()
    assert consequence(row, Transient("429"))["fallback_at"] > timezone.now()
    row.fallback_at = now
    assert due_at(row, PENDING, "", later + now) == due_at(row, SENT, "", later + now) == now


def test_two_who_find_it_due_send_one_mail(
    transactional_db: None, unwanted: None, ada: User, whatsapp: FakeTwilio, mailbox: FakeSmtp
) -> None:
    drain("WHATSAPP")
    whatsapp.take(ADA)
    time_is_up()
    found: list[int] = []
    at_once(*(lambda: found.append(due()) for _ in range(3)))
    assert sorted(found) == [0, 0, 1]
    drain("EMAIL")
    mailbox.take(ADAS_MAIL)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: nobody holds a row alone")
@pytest.mark.parametrize("channel", ["EMAIL", "WHATSAPP"])
def test_a_row_that_somebody_holds_is_left_for_later_and_holds_nobody_up(
    transactional_db: None, channel: str, unwanted: None, ada: User
) -> None:
    rows = NotificationLog.objects.filter(pk=row_of(ada, "WHATSAPP").pk)
    rows.update(status=FAILED, next_attempt_at=None, fallback_at=timezone.now())
    with transaction.atomic():
        NotificationLog.objects.select_for_update().get(pk=row_of(ada, channel).pk)
        at_once(queue.deliver_due)
        assert mail(ada) == UNWANTED
    time_is_up()
    assert (due(), mail(ada)) == (1, (PENDING, "", True))


def test_the_mails_that_go_are_woken_for(unwanted: None, ada: User, whatsapp: FakeTwilio) -> None:
    drain("WHATSAPP")
    whatsapp.take(ADA)
    time_is_up()
    broker.waiting()
    queue.deliver_due()
    assert [arguments for task, arguments, _ in broker.waiting() if task == "core.drain"] == [["EMAIL"]]


def test_looking_for_them_takes_as_many_queries_however_many_there_are(
    no_mail: None, make_ticket: MakeTicket, ada: User, whatsapp: FakeTwilio
) -> None:
    for _ in range(3):
        make_ticket(quiet=False)
    drain("EMAIL")
    drain("WHATSAPP")
    whatsapp.take_all(count=3)
    time_is_up()
    with CaptureQueriesContext(connection) as captured:
        assert due() == 3
    assert len(captured) == 6 + 2  # in a savepoint
    with CaptureQueriesContext(connection) as captured:
        assert due() == 0
    assert len(captured) == 1
