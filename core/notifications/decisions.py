"""Why each delivery was sent, deferred or not sent: for the admins who ask."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Prefetch
from django.utils import timezone

from core.models import DeliveryAttempt, DeliveryStatus, NotificationLog
from core.notifications import circuit, registry
from core.notifications.reasons import RESTS, STATES, explain

MOST_ATTEMPTS = 20  # of a delivery, the last ones: a channel that rests is tried for days
GOES = (DeliveryStatus.SENDING, DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)


class Decision(NamedTuple):
    """What was decided of one delivery, by whom or what. `until`: when it is looked at again."""

    delivery: NotificationLog
    reason: str
    decided_by: str
    explanation: str
    until: datetime | None
    attempts: list[DeliveryAttempt]


class Decided(NamedTuple):
    """A notification and what was decided of it, for each channel."""

    notification: NotificationLog
    decisions: list[Decision]


def decided(rows: Sequence[NotificationLog]) -> list[Decided]:
    """What was decided of each of these notifications, in three queries."""
    now, off = timezone.now(), circuit.resting(registry.outgoing_channels())
    attempts = Prefetch("delivery_attempts", DeliveryAttempt.objects.order_by("-pk")[:MOST_ATTEMPTS], "last_attempts")
    found = {row.notification: Decided(row, []) for row in rows}
    deliveries = NotificationLog.objects.filter(notification__in=found).prefetch_related(attempts).order_by("pk")
    for one in deliveries:
        found[one.notification].decisions.append(decision(one, now, rests=one.notification_type in off))
    return list(found.values())


def decision(row: NotificationLog, now: datetime, *, rests: bool) -> Decision:
    """What stands in a row, in words."""
    until = row.next_attempt_at if row.status == DeliveryStatus.PENDING else None
    if until and until <= now:
        until = None
    is_due = row.status == DeliveryStatus.PENDING and until is None
    code = "" if is_due or row.status in GOES else row.error
    why = RESTS if is_due and rests else explain(code, row.notification_type) if code else None
    words = [why.meaning if why else STATES.get(row.status, "")]
    if row.carried_by_id and not code:
        words.append(f"It is said in the message of delivery {row.carried_by_id}.")
    if row.is_fallback:
        words.append("It goes since the message by WhatsApp did not get through.")
    attempts: list[DeliveryAttempt] = row.last_attempts[::-1]  # type: ignore[attr-defined]  # fetched with it
    return Decision(row, code, why.by if why else "", " ".join(filter(None, words)), until, attempts)
