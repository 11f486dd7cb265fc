"""What becomes of a delivery instead of being sent now."""

from datetime import datetime
from typing import NamedTuple

from core.models import DeliveryStatus


class Verdict(NamedTuple):
    """Its status and the reason, a word that the log shows. PENDING: it is put off, `until` then."""

    status: DeliveryStatus
    reason: str
    until: datetime | None = None


def cancelled(reason: str) -> Verdict:
    """Nobody is to hear of it any more."""
    return Verdict(DeliveryStatus.CANCELLED, reason)


def skipped(reason: str) -> Verdict:
    """It cannot go, or is not wanted, this way."""
    return Verdict(DeliveryStatus.SKIPPED, reason)


def put_off(reason: str, until: datetime) -> Verdict:
    """Not now."""
    return Verdict(DeliveryStatus.PENDING, reason, until)
