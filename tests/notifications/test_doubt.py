"""What may have arrived: looked up, reported, or decided as the operator has chosen."""

import pytest
from pytest_django import Settings

from core.models import DeliveryAttempt, DeliveryStatus, NotificationLog, Ticket, User
from core.notifications import ledger
from core.notifications.claims import claim
from core.notifications.deliver import drain
from core.notifications.retry import BACKOFF
from tests.fakes.smtp import FakeSmtp, Step
from tests.fakes.twilio import FakeTwilio
from tests.fakes.twilio_messages import Report
from tests.notifications.support import PENDING, SENT, end_leases, make_due, row_of

ADA, ADAS_MAIL = "+12025550101", "ada@example.com"
UNKNOWN = DeliveryStatus.UNKNOWN


@pytest.fixture
def mail(told: Ticket, ada: User, hasty_verdicts: None) -> NotificationLog:
    return row_of(ada, "EMAIL")


@pytest.fixture
def message(told: Ticket, ada: User, hasty_whatsapp: None) -> NotificationLog:
    return row_of(ada, "WHATSAPP")


def send_again(row: NotificationLog) -> tuple[str, str]:
    make_due(row)
    drain(row.notification_type)
    row.refresh_from_db()
    return row.status, row.error


def crash(row: NotificationLog) -> None:
    """A worker is killed after it has begun to send."""
    batch = claim(row.notification_type)
    (mine,) = [one for one in batch.rows if one.pk == row.pk]
    assert ledger.begin(mine, batch.token)
    end_leases()


def choose(settings: Settings, **choice: str) -> None:
    settings.IN_DOUBT = settings.IN_DOUBT | choice


def outcomes_of(row: NotificationLog) -> list[tuple[str, str]]:
    return list(row.delivery_attempts.order_by("pk").values_list("outcome", "code"))


def methods(whatsapp: FakeTwilio) -> list[str]:
    return [method for method, _ in whatsapp.requests]


# --- Mail servers cannot be asked -----------------------------------------------------------------


def test_a_mail_without_a_verdict_goes_once_more_under_the_same_id(mail: NotificationLog, mailbox: FakeSmtp) -> None:
    mailbox.hang_up(step=Step.DOT, times=1)
    assert send_again(mail) == (PENDING, "no_answer")
    assert send_again(mail) == (SENT, "")
    first, second = (one.message for one in mailbox.take_all(count=2))
    assert first["Message-ID"] == second["Message-ID"]
    attempts = list(mail.delivery_attempts.order_by("pk").values_list("pk", flat=True))
    assert [int(first["X-Delivery-Attempt"]), int(second["X-Delivery-Attempt"])] == attempts
    assert outcomes_of(mail) == [("UNKNOWN", "no_answer"), ("SENT", "")]


def test_only_doubts_count(mail: NotificationLog, mailbox: FakeSmtp) -> None:
    mailbox.refuse(450, times=1)
    assert send_again(mail) == (PENDING, "450")
    mailbox.hang_up(step=Step.DOT, times=1)
    assert send_again(mail) == (PENDING, "no_answer")
    mailbox.refuse(451, times=1)
    assert send_again(mail) == (PENDING, "451")
    mailbox.hang_up(step=Step.DOT, times=1)
    assert send_again(mail) == (UNKNOWN, "no_answer")
    mailbox.take_all(count=2)


@pytest.mark.parametrize("refusal", [550, 451])
def test_a_copy_that_is_refused_leaves_open_whether_the_first_arrived(
    refusal: int, mail: NotificationLog, mailbox: FakeSmtp
) -> None:
    mailbox.hang_up(step=Step.DOT, times=1)
    assert send_again(mail) == (PENDING, "no_answer")
    NotificationLog.objects.filter(pk=mail.pk).update(attempts=len(BACKOFF))  # the next one is the last
    mailbox.refuse(refusal, times=1)
    assert send_again(mail) == (UNKNOWN, str(refusal))
    mailbox.take(ADAS_MAIL)


def test_a_mail_that_had_rather_not_go_twice_does_not(
    mail: NotificationLog, mailbox: FakeSmtp, settings: Settings
) -> None:
    choose(settings, EMAIL="rather_not")
    mailbox.hang_up(step=Step.DOT, times=1)
    assert send_again(mail) == (UNKNOWN, "no_answer")
    mailbox.take(ADAS_MAIL)


def test_after_a_crash_a_mail_goes_again(mail: NotificationLog, mailbox: FakeSmtp) -> None:
    for _ in range(2):
        crash(mail)
    assert send_again(mail) == (SENT, "")
    mailbox.take(ADAS_MAIL)


def test_after_a_crash_a_mail_that_had_rather_not_go_twice_does_not(
    mail: NotificationLog, mailbox: FakeSmtp, settings: Settings
) -> None:
    choose(settings, EMAIL="rather_not")
    crash(mail)
    assert send_again(mail) == (UNKNOWN, "crashed")
    assert outcomes_of(mail) == [("UNKNOWN", "crashed")]
    NotificationLog.objects.filter(pk=mail.pk).update(status=PENDING, next_attempt_at=mail.created_at)  # by hand
    assert send_again(mail) == (SENT, "")
    mailbox.take(ADAS_MAIL)


# --- Twilio can -----------------------------------------------------------------------------------


def test_what_a_report_has_settled_is_not_looked_up(message: NotificationLog, whatsapp: FakeTwilio) -> None:
    whatsapp.hang(accepted=True)
    assert send_again(message) == (PENDING, "timeout")
    whatsapp.report(whatsapp.take(ADA), "failed", 63018)
    assert send_again(message) == (SENT, "")
    assert methods(whatsapp) == ["POST", "POST"]
    whatsapp.take(ADA)


def test_what_is_found_and_did_not_get_through_goes_again(message: NotificationLog, whatsapp: FakeTwilio) -> None:
    whatsapp.hang(accepted=True)
    assert send_again(message) == (PENDING, "timeout")
    whatsapp.take(ADA).reports.append(Report("undelivered", 30008))  # and its callback never came
    assert send_again(message) == (SENT, "")
    assert methods(whatsapp) == ["POST", "GET", "POST"]
    whatsapp.take(ADA)


def test_where_rather_twice_is_wanted_a_list_that_cannot_be_read_is_not_waited_for(
    message: NotificationLog, whatsapp: FakeTwilio, settings: Settings
) -> None:
    choose(settings, WHATSAPP="rather_twice")
    whatsapp.fail(500, accepted=True, times=2)
    whatsapp.fail(503, method="GET", times=2)
    assert send_again(message) == (PENDING, "500")
    assert send_again(message) == (PENDING, "500")  # gone again, and in doubt again
    assert send_again(message) == (PENDING, "503")  # once is enough: from now on it is looked up
    assert send_again(message) == (SENT, "")
    assert methods(whatsapp) == ["POST", "GET", "POST", "GET", "GET"]
    whatsapp.take_all(count=2)


def test_what_stayed_unknown_is_looked_up_before_somebody_repeats_it(
    message: NotificationLog, whatsapp: FakeTwilio
) -> None:
    whatsapp.fail(500, accepted=True)
    send_again(message)
    sent = whatsapp.take(ADA)
    DeliveryAttempt.objects.update(outcome=UNKNOWN)
    assert send_again(message) == (SENT, "")
    message.refresh_from_db()
    assert message.provider_id == sent.sid


@pytest.mark.parametrize("answer", ["{}", "[]", "", "<html>"])
def test_an_answer_that_is_none_leaves_it_open(answer: str, message: NotificationLog, whatsapp: FakeTwilio) -> None:
    whatsapp.garble(answer or " ", accepted=True)
    assert send_again(message) == (PENDING, "garbled")
    assert outcomes_of(message) == [("AMBIGUOUS", "garbled")]
    whatsapp.garble(answer or " ", method="GET")
    assert send_again(message)[0] == PENDING
    assert send_again(message) == (SENT, "")
    assert methods(whatsapp) == ["POST", "GET", "GET"]
    whatsapp.take(ADA)


def test_who_has_opted_out_at_twilio_is_not_written_to_again(
    message: NotificationLog, ada: User, whatsapp: FakeTwilio
) -> None:
    whatsapp.fail(400, 63003)
    send_again(message)
    assert User.objects.get(pk=ada.pk).whatsapp_opted_in
    NotificationLog.objects.filter(pk=message.pk).update(status=PENDING, next_attempt_at=message.created_at)
    whatsapp.fail(400, 21610)
    assert send_again(message) == (DeliveryStatus.FAILED, "21610")
    assert not User.objects.get(pk=ada.pk).whatsapp_opted_in
