"""While WhatsApp rests, what waits for it falls back in time: what would have been sent, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from core.models import ChannelCircuit, DeliveryStatus, Mute, NotificationLog, Preference, Ticket, User
from core.notifications import stuck
from core.notifications.claims import claim
from core.notifications.deliver import drain
from core.notifications.fallback import due
from tests.conftest import MakeTicket
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import PENDING, end_leases, row_of

CANCELLED, SKIPPED = DeliveryStatus.CANCELLED, DeliveryStatus.SKIPPED
LATE = timedelta(minutes=15)


@pytest.fixture
def waits(ada: User, make_ticket: MakeTicket) -> NotificationLog:
    """Ada wants no mails of new tickets; that she is to hear of one by WhatsApp waits until it is well again."""
    Preference.objects.create(user=ada, off={"EMAIL": ["ticket_created"]})
    until = timezone.now() + timedelta(minutes=5)
    ChannelCircuit.objects.create(channel="WHATSAPP", code="connection", open_until=until)
    make_ticket(quiet=False)
    drain("EMAIL")
    return row_of(ada, "WHATSAPP")


def fallen(row: NotificationLog, since: timedelta = LATE) -> int:
    """How many mails go once it has been due for so long."""
    NotificationLog.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now() - since)
    stuck.look()
    return due()


def state(user: User, channel: str) -> tuple[str, str]:
    row = row_of(user, channel)
    return row.status, row.error


def test_what_waits_in_vain_goes_by_mail_once(waits: NotificationLog, ada: User, whatsapp: FakeTwilio) -> None:
    assert fallen(waits, since=LATE - timedelta(seconds=10)) == 0
    assert [fallen(waits), fallen(waits)] == [1, 0]
    assert state(ada, "EMAIL") == state(ada, "WHATSAPP") == (PENDING, "")
    assert row_of(ada, "EMAIL").is_fallback
    ChannelCircuit.objects.all().delete()
    drain("WHATSAPP")
    whatsapp.take(str(ada.phone_number))
    assert due() == 0


def test_what_somebody_began_to_send_and_left_goes_by_mail_too(waits: NotificationLog, ada: User) -> None:
    resting = ChannelCircuit.objects.filter(channel="WHATSAPP")
    until = resting.values_list("open_until", flat=True)[0]
    resting.delete()
    (begun,) = claim("WHATSAPP").rows
    ChannelCircuit.objects.create(channel="WHATSAPP", code="connection", open_until=until)
    assert fallen(waits) == 0
    end_leases()
    assert [fallen(waits), fallen(waits)] == [1, 0]
    assert begun == waits
    assert state(ada, "WHATSAPP") == (PENDING, "")


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"phone_number": ""}, "no_phone_number"),
        ({"phone_verified_at": None}, "phone_not_verified"),
        ({"whatsapp_opted_in": False}, "not_opted_in"),
    ],
)
def test_who_would_not_have_got_it_by_whatsapp_gets_no_mail(
    person: dict[str, Any], reason: str, waits: NotificationLog, ada: User
) -> None:
    User.objects.filter(pk=ada.pk).update(**person)
    assert fallen(waits) == 0
    assert (state(ada, "WHATSAPP"), state(ada, "EMAIL")) == ((SKIPPED, reason), (SKIPPED, "preference_off"))


def test_who_wants_it_neither_way_gets_no_mail(waits: NotificationLog, ada: User) -> None:
    Preference.objects.update(off={"EMAIL": ["ticket_created"], "WHATSAPP": ["ticket_created"]})
    assert fallen(waits) == 0
    assert state(ada, "WHATSAPP") == state(ada, "EMAIL") == (SKIPPED, "preference_off")


def test_who_has_muted_the_ticket_gets_no_mail(waits: NotificationLog, ada: User) -> None:
    Mute.objects.create(user=ada, ticket=Ticket.objects.get(), created_at=timezone.now())
    assert fallen(waits) == 0
    assert (state(ada, "WHATSAPP"), state(ada, "EMAIL")) == ((CANCELLED, "muted"), (SKIPPED, "preference_off"))


def test_what_waits_for_quiet_hours_to_end_waits_on(waits: NotificationLog, ada: User) -> None:
    now = timezone.now()
    quiet = {"quiet_start": (now - timedelta(hours=1)).time(), "quiet_end": (now + timedelta(hours=1)).time()}
    Preference.objects.update(**quiet, quiet_timezone="UTC")
    assert fallen(waits) == 0
    assert state(ada, "WHATSAPP") == (PENDING, "quiet_hours")


@pytest.mark.parametrize("why", ["well", "switched off"])
def test_else_nothing_is_looked_at(why: str, waits: NotificationLog, ada: User, settings: Settings) -> None:
    if why == "well":
        ChannelCircuit.objects.all().delete()
    else:
        settings.WHATSAPP_FALLBACK_MINUTES = 0
    User.objects.filter(pk=ada.pk).update(phone_number="")
    assert fallen(waits) == 0
    assert state(ada, "WHATSAPP") == (PENDING, "")
