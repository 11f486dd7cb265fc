"""What is counted of deliveries: each outcome that one comes to, and how long it took."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from core.actions import suppressions
from core.models import NotificationLog, Preference, Suppression, Ticket, User
from core.notifications.channel import DeliveryError, Permanent, Transient, Unknown
from core.notifications.deliver import drain
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import Pigeon, row_of

Grown = Callable[[str], dict[str, float]]


def counted(channel: str) -> dict[str, float]:
    """What the metrics say of a channel: outcomes, and how many were timed."""
    found: dict[str, float] = {}
    for sample in (sample for metric in REGISTRY.collect() for sample in metric.samples):
        if sample.labels.get("channel") != channel:
            continue
        if sample.name == "deliveries_total":
            found[f"{sample.labels['event']} {sample.labels['outcome']}"] = sample.value
        elif sample.name in ("delivery_sent_seconds_count", "delivery_delivered_seconds_count"):
            found[sample.name.split("_")[1]] = sample.value
    return found


@pytest.fixture
def grown() -> Grown:
    """By how much they have grown in this test."""
    before = {channel: counted(channel) for channel in ("EMAIL", "WHATSAPP", "PIGEON")}

    def grown(channel: str) -> dict[str, float]:
        added = {name: value - before[channel].get(name, 0) for name, value in counted(channel).items()}
        return {name: more for name, more in added.items() if more}

    return grown


@pytest.mark.parametrize(
    ("plan", "comes_to"),
    [
        ("flight", {"ticket_created SENT": 1, "sent": 1}),
        (Permanent("storm"), {"ticket_created FAILED": 1}),
        (Unknown("storm"), {"ticket_created UNKNOWN": 1}),
        (Transient("storm"), {}),
    ],
)
def test_a_delivery_is_counted_by_what_it_comes_to(
    plan: str | DeliveryError, comes_to: dict[str, int], told: Ticket, pigeon: Pigeon, grown: Grown
) -> None:
    pigeon.plans.append(plan)
    drain("PIGEON")
    assert grown("PIGEON") == comes_to


def test_one_that_is_not_sent_is_counted_too(told: Ticket, ada: User, grown: Grown) -> None:
    User.objects.filter(pk=ada.pk).update(phone_number="")
    drain("WHATSAPP")
    assert grown("WHATSAPP") == {"ticket_created SKIPPED": 1}


def test_what_the_provider_reports_is_counted_once(told: Ticket, ada: User, whatsapp: FakeTwilio, grown: Grown) -> None:
    drain("WHATSAPP")
    message = whatsapp.take(str(ada.phone_number))
    for said in ("sent", "delivered", "delivered", "read"):
        whatsapp.report(message, said)
    assert grown("WHATSAPP") == {
        "ticket_created SENT": 1,
        "ticket_created DELIVERED": 1,
        "ticket_created READ": 1,
        "sent": 1,
        "delivered": 1,
    }


def test_a_mail_that_comes_back_is_counted_as_failed(told: Ticket, ada: User, mailbox: FakeSmtp, grown: Grown) -> None:
    drain("EMAIL")
    mailbox.take(ada.email)
    suppressions.suppress(
        address=ada.email, cause=Suppression.Cause.BOUNCED, provider_id=row_of(ada, "EMAIL").provider_id
    )
    assert grown("EMAIL") == {"ticket_created SENT": 1, "ticket_created FAILED": 1, "sent": 1}


def test_a_night_that_somebody_wanted_quiet_is_not_the_product_s_time(
    told: Ticket, ada: User, mailbox: FakeSmtp, grown: Grown
) -> None:
    then = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=2)
    quiet = {"quiet_start": then.time(), "quiet_end": (then + timedelta(hours=1)).time(), "quiet_timezone": "UTC"}
    Preference.objects.create(user=ada, **quiet)
    NotificationLog.objects.filter(pk=row_of(ada, "EMAIL").pk).update(created_at=then, error="connection")
    drain("EMAIL")
    mailbox.take(ada.email)
    assert grown("EMAIL") == {"ticket_created SENT": 1}
