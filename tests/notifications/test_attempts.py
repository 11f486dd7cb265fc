"""Each attempt is a row of its own, written before the network is touched."""

import pytest
from django.utils import timezone

from core.models import DeliveryAttempt, DeliveryStatus, Ticket, User
from core.notifications.channel import Ambiguous, DeliveryError, Misconfigured, Permanent, Transient, Unknown
from core.notifications.deliver import drain
from tests.conftest import MakeTicket
from tests.notifications.support import PENDING, SENT, Pigeon, make_due, row_of


def test_the_row_of_an_attempt_exists_before_it_is_sent(told: Ticket, ada: User, pigeon: Pigeon) -> None:
    def look_at_it() -> str:
        delivery = row_of(ada, "PIGEON")
        attempt = DeliveryAttempt.objects.get()
        assert attempt.delivery == delivery
        assert attempt.token == delivery.attempt_token
        assert (attempt.outcome, attempt.finished_at, attempt.provider_id) == ("", None, "")
        assert abs((timezone.now() - attempt.started_at).total_seconds()) < 5
        return "flight"

    pigeon.plans.append(look_at_it)
    drain("PIGEON")
    assert row_of(ada, "PIGEON").provider_id == "flight"


def test_a_success_keeps_the_providers_id(told: Ticket, ada: User, pigeon: Pigeon) -> None:
    pigeon.plans.append("flight-7")
    drain("PIGEON")
    attempt, delivery = DeliveryAttempt.objects.get(), row_of(ada, "PIGEON")
    assert (attempt.outcome, attempt.code, attempt.provider_id) == ("SENT", "", "flight-7")
    assert attempt.finished_at is not None
    assert attempt.started_at <= attempt.finished_at
    assert (delivery.status, delivery.provider_id, delivery.attempts) == (SENT, "flight-7", 1)
    assert (delivery.error, delivery.next_attempt_at, delivery.lease_until) == ("", None, None)
    assert delivery.sent_at is not None
    assert delivery.delivered_at is None


@pytest.mark.parametrize(
    ("error", "outcome", "status", "counted"),
    [
        (Transient("storm"), "TRANSIENT", PENDING, 1),
        (Ambiguous("storm"), "AMBIGUOUS", PENDING, 1),
        (Permanent("storm"), "PERMANENT", DeliveryStatus.FAILED, 1),
        (Unknown("storm"), "UNKNOWN", DeliveryStatus.UNKNOWN, 1),
        (Misconfigured("storm"), "MISCONFIGURED", PENDING, 0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, DeliveryError) else "",
)
def test_a_failure_keeps_its_class_and_code(
    error: DeliveryError, outcome: str, status: str, counted: int, told: Ticket, ada: User, pigeon: Pigeon
) -> None:
    pigeon.plans.append(error)
    drain("PIGEON")
    attempt, delivery = DeliveryAttempt.objects.get(), row_of(ada, "PIGEON")
    assert (attempt.outcome, attempt.code, attempt.provider_id) == (outcome, "storm", "")
    assert attempt.finished_at is not None
    assert (delivery.status, delivery.error, delivery.attempts) == (status, "storm", counted)
    assert (delivery.next_attempt_at is not None) == (status == PENDING)
    assert (delivery.lease_until, delivery.attempt_token, delivery.sent_at) == (None, None, None)


def test_a_code_of_any_length_fits(told: Ticket, ada: User, pigeon: Pigeon) -> None:
    pigeon.plans.append(Permanent("x" * 200))
    drain("PIGEON")
    assert row_of(ada, "PIGEON").error == DeliveryAttempt.objects.get().code == "x" * 64


def test_every_attempt_of_a_delivery_is_kept_in_order(told: Ticket, ada: User, pigeon: Pigeon) -> None:
    pigeon.plans.extend([Transient("storm"), Transient("fog")])
    for _ in range(3):
        make_due()
        drain("PIGEON")
    attempts = row_of(ada, "PIGEON").delivery_attempts.all()
    assert [(one.outcome, one.code) for one in attempts] == [("TRANSIENT", "storm"), ("TRANSIENT", "fog"), ("SENT", "")]
    assert len({one.token for one in attempts}) == 3


def test_a_delivery_that_was_found_is_an_attempt_too(told: Ticket, ada: User, pigeon: Pigeon) -> None:
    pigeon.plans.append(Ambiguous("fog"))
    drain("PIGEON")
    make_due()
    pigeon.found = "flight-7"
    drain("PIGEON")
    attempts = row_of(ada, "PIGEON").delivery_attempts.all()
    assert [(one.outcome, one.provider_id) for one in attempts] == [("AMBIGUOUS", ""), ("SENT", "flight-7")]
    assert len(pigeon.sent) == 1


def test_one_row_after_another_gets_its_own_attempt(pigeon: Pigeon, make_ticket: MakeTicket, ada: User) -> None:
    for _ in range(2):
        make_ticket(quiet=False)
    drain("PIGEON")
    deliveries = DeliveryAttempt.objects.order_by("pk").values_list("delivery", flat=True)
    assert list(deliveries) == [message.delivery_id for message in pigeon.sent]
