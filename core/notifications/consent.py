"""Phone numbers that want no WhatsApp of ours; each account's `whatsapp_opted_in` says so of those it has verified."""

from core.models import StoppedNumber


def has_stopped(number: str) -> bool:
    """Whether STOP was written from it, and no START since."""
    return StoppedNumber.objects.filter(phone_number=number).exists()
