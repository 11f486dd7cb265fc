"""What is counted and logged of every attempt, and what a crash in a channel comes to."""

from collections.abc import Callable

import pytest
from prometheus_client import REGISTRY
from pytest_django import Settings
from structlog.testing import capture_logs

from core.models import DeliveryStatus, NotificationLog, Role, Ticket, User
from core.notifications.channel import Ambiguous, DeliveryError, Misconfigured, Permanent, Transient, Unknown
from core.notifications.deliver import drain
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import PENDING, SENDING, SENT, Pigeon, end_leases, make_due, row_of


def counted(outcome: str) -> float:
    labels = {"channel": "PIGEON", "outcome": outcome}
    return REGISTRY.get_sample_value("delivery_attempts_total", labels) or 0


@pytest.mark.parametrize(
    ("plan", "outcome"),
    [
        ("flight", "SENT"),
        (Transient("storm"), "TRANSIENT"),
        (Ambiguous("storm"), "AMBIGUOUS"),
        (Permanent("storm"), "PERMANENT"),
        (Unknown("storm"), "UNKNOWN"),
        (Misconfigured("storm"), "MISCONFIGURED"),
    ],
)
def test_every_attempt_is_counted_and_logged_by_its_outcome(
    plan: str | DeliveryError, outcome: str, told: Ticket, ada: User, pigeon: Pigeon
) -> None:
    before = counted(outcome)
    pigeon.plans.append(plan)
    with capture_logs() as logs:
        drain("PIGEON")
    assert counted(outcome) == before + 1
    assert logs[0] == {
        "event": "delivery_attempted",
        "log_level": "info" if outcome == "SENT" else "warning",
        "delivery": row_of(ada, "PIGEON").pk,
        "channel": "PIGEON",
        "event_key": "ticket_created",
        "outcome": outcome,
        "code": "" if outcome == "SENT" else "storm",
    }
    assert [line["event"] for line in logs[1:]] == ["circuit_opened"] * (outcome == "MISCONFIGURED")


def test_what_is_not_sent_is_logged_with_the_reason(told: Ticket, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(phone_number="")
    with capture_logs() as logs:
        drain("WHATSAPP")
    (line,) = logs
    assert (line["event"], line["delivery"]) == ("delivery_dropped", row_of(ada, "WHATSAPP").pk)
    assert (line["status"], line["reason"]) == (DeliveryStatus.SKIPPED, "no_phone_number")


def test_no_log_line_holds_an_address_a_number_or_a_link(
    told: Ticket, ada: User, mailbox: FakeSmtp, whatsapp: FakeTwilio, pigeon: Pigeon, log_text: Callable[[], str]
) -> None:
    mailbox.refuse(450, times=1)
    whatsapp.fail(500, 20500)
    link = f"http://testserver/n/{row_of(ada, 'PIGEON').link_key}/"
    pigeon.plans.append(ValueError(f"{ada.email} {ada.phone_number} {link}"))
    for _ in range(2):
        make_due()
        for channel in ("EMAIL", "WHATSAPP", "PIGEON"):
            drain(channel)
    mailbox.take_all(count=1)
    whatsapp.take_all(count=1)
    text = log_text()
    rows = NotificationLog.objects.filter(recipient=ada).exclude(notification_type="SYSTEM")
    assert text.count("delivery_attempted") == 6
    assert "delivery_crashed" in text
    for row in rows:
        assert f'"delivery": {row.pk}' in text
        assert row.link_key not in text
    for secret in (ada.email, str(ada.phone_number), "twilio-token-of-the-tests"):
        assert secret not in text


# --- Crashes ------------------------------------------------------------------------------------------


def test_a_crash_in_a_channel_is_logged_and_looked_up_before_it_is_tried_again(
    told: Ticket, ada: User, pigeon: Pigeon
) -> None:
    pigeon.plans.append(ZeroDivisionError("a bug"))
    with capture_logs() as logs:
        drain("PIGEON")
    row = row_of(ada, "PIGEON")
    assert (row.status, row.error, row.attempts) == (PENDING, "ZeroDivisionError", 1)
    assert row.delivery_attempts.get().outcome == "AMBIGUOUS"
    crash = logs[0]
    assert (crash["event"], crash["log_level"], crash["exc_info"]) == ("delivery_crashed", "error", True)
    assert (crash["delivery"], crash["channel"]) == (row.pk, "PIGEON")
    make_due()
    drain("PIGEON")
    assert row_of(ada, "PIGEON").status == SENT
    assert (len(pigeon.looked_up), len(pigeon.sent)) == (1, 2)


@pytest.mark.parametrize(("choice", "sent"), [("rather_not", 1), ("rather_twice", 2)])
def test_after_a_crash_where_nobody_can_be_asked_it_goes_as_often_as_is_wanted(
    choice: str, sent: int, told: Ticket, ada: User, pigeon: Pigeon, settings: Settings
) -> None:
    settings.IN_DOUBT, pigeon.can_be_asked = {"PIGEON": choice}, False
    pigeon.plans.extend([ZeroDivisionError("after it has left")] * 3)
    for _ in range(3):
        make_due()
        drain("PIGEON")
    row = row_of(ada, "PIGEON")
    assert (len(pigeon.sent), row.status, row.error) == (sent, DeliveryStatus.UNKNOWN, "ZeroDivisionError")


def test_a_crash_while_looking_up_sends_nothing(told: Ticket, ada: User, pigeon: Pigeon) -> None:
    pigeon.plans.append(Ambiguous("fog"))
    drain("PIGEON")
    pigeon.found = KeyError("a bug")
    make_due()
    drain("PIGEON")
    row = row_of(ada, "PIGEON")
    assert (row.status, row.error, row.attempts) == (PENDING, "KeyError", 2)
    assert len(pigeon.sent) == 1


@pytest.mark.parametrize("error", [Transient("fog"), Permanent("fog"), Unknown("fog")])
def test_a_look_up_that_fails_leaves_it_open(error: DeliveryError, told: Ticket, ada: User, pigeon: Pigeon) -> None:
    pigeon.plans.append(Ambiguous("storm"))
    drain("PIGEON")
    pigeon.found = error
    make_due()
    drain("PIGEON")
    row = row_of(ada, "PIGEON")
    assert (row.status, row.error) == (PENDING, "fog")
    assert [one.outcome for one in row.delivery_attempts.all()] == ["AMBIGUOUS", "AMBIGUOUS"]


def test_a_row_that_cannot_be_handled_does_not_hold_up_the_others(
    pigeon: Pigeon, make_ticket: MakeTicket, ada: User
) -> None:
    for _ in range(3):
        make_ticket(quiet=False)
    rows = NotificationLog.objects.filter(notification_type="PIGEON").order_by("pk")
    homeless = User.objects.create_user("homeless", "homeless@example.com", role=Role.ADMIN)
    rows.filter(pk=rows[0].pk).update(recipient=homeless)
    with capture_logs() as logs:
        drain("PIGEON")
    assert [(line["event"], line["delivery"]) for line in logs if line["log_level"] == "error"] == [
        ("delivery_stuck", rows[0].pk)
    ]
    assert list(rows.values_list("status", flat=True)) == [SENDING, SENT, SENT]
    rows.filter(recipient=homeless).update(recipient=ada)
    end_leases()
    drain("PIGEON")
    assert set(rows.values_list("status", flat=True)) == {SENT}
    assert len(pigeon.sent) == 3
