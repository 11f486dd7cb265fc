"""WhatsApp goes to verified numbers of people who want it, and by the rules of its 24 hours."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from core.models import DeliveryStatus, Ticket, User
from core.notifications.deliver import drain
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import SENT, row_of

SKIPPED = DeliveryStatus.SKIPPED
DAY = timedelta(hours=24)
SID = "HX" + "a" * 32


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"phone_verified_at": None}, "phone_not_verified"),
        ({"whatsapp_opted_in": False}, "not_opted_in"),
        ({"whatsapp_inbound_at": None}, "template_required"),
        ({"whatsapp_inbound_at": -DAY}, "template_required"),
        ({"whatsapp_inbound_at": -DAY + timedelta(minutes=10)}, ""),
    ],
)
def test_who_is_not_written_to(
    told: Ticket, ada: User, whatsapp: FakeTwilio, state: dict[str, Any], reason: str
) -> None:
    changes = {name: timezone.now() + value if isinstance(value, timedelta) else value for name, value in state.items()}
    User.objects.filter(pk=ada.pk).update(**changes)
    drain("WHATSAPP")
    row = row_of(ada, "WHATSAPP")
    assert (row.status, row.error) == (SKIPPED if reason else SENT, reason)
    assert len(whatsapp.take_all()) == (not reason)


@pytest.mark.parametrize("name", ["default", "ticket_created"])
def test_a_template_may_go_at_any_time(
    told: Ticket, ada: User, whatsapp: FakeTwilio, settings: Settings, name: str
) -> None:
    User.objects.filter(pk=ada.pk).update(whatsapp_inbound_at=None)
    settings.TWILIO_CONTENT_SIDS = {name: SID}
    whatsapp.closed.add(str(ada.phone_number))
    drain("WHATSAPP")
    assert whatsapp.take(str(ada.phone_number)).form["ContentSid"] == SID


def test_the_outbox_takes_text_at_any_time(told: Ticket, ada: User, settings: Settings) -> None:
    User.objects.filter(pk=ada.pk).update(whatsapp_inbound_at=None)
    settings.TWILIO_ACCOUNT_SID, settings.DEMO = "", True
    drain("WHATSAPP")
    assert row_of(ada, "WHATSAPP").status == SENT
