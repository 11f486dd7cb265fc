"""Whether a phone number wants messages by WhatsApp: only who has the phone can say so."""

from collections.abc import Collection
from datetime import datetime

from core.models import StoppedNumber, User


def follow(*, number: str, people: Collection[User], wish: bool | None, at: datetime) -> None:
    """STOP counts from anybody, for every account with the number (`people`, locked), and lets no code go there.

    START takes it back, and turns messages on for whoever has verified the number. Anything but STOP opens WhatsApp's
    24 hours.
    """
    accounts = User.objects.filter(pk__in=[one.pk for one in people])
    if wish is False:
        StoppedNumber.objects.bulk_create([StoppedNumber(phone_number=number, stopped_at=at)], ignore_conflicts=True)
        accounts.update(whatsapp_opted_in=False)
    elif wish:
        StoppedNumber.objects.filter(phone_number=number).delete()
        accounts.exclude(phone_verified_at=None).update(whatsapp_opted_in=True)
    if wish is not False:
        accounts.update(whatsapp_inbound_at=at)
