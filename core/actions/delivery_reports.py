"""What Twilio reports of a message afterwards. Whatever the order of its reports and its answer, the end is the same.

A report is kept on its attempt when it is further than what was reported before; the delivery follows. Reading
there is not reading here: the inbox stays as it is, and nobody's feed moves.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from core.models import DeliveryAttempt, DeliveryStatus, NotificationLog
from core.notifications import carried, fallback, ledger, metrics, twilio
from core.notifications.channels import whatsapp
from core.notifications.claims import UNCLAIMED
from core.notifications.doubt import DOUBTFUL
from core.notifications.nudge import nudge
from core.notifications.retry import next_attempt

# How far each is (https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks). Twilio
# says one of `failed` and `undelivered`, never both; arrived after all, it has not failed.
ORDER = ["accepted", "scheduled", "queued", "sending", "sent", "failed", "undelivered", "delivered", "read"]
RANK = {said: rank for rank, said in enumerate(ORDER, start=1)}

PENDING, SENDING, SENT = DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.SENT
DELIVERED, READ, FAILED = DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.FAILED
ARRIVED = {"delivered": DELIVERED, "read": READ}
FURTHER = {SENT: 1, DELIVERED: 2, READ: 3}
FAILS = (PENDING, SENDING, SENT, FAILED, DeliveryStatus.UNKNOWN)  # what was decided otherwise stays so

logger = structlog.get_logger(__name__)


def report(*, delivery_id: int, attempt_id: int, sid: str, said: str, code: str, to: str) -> None:
    """Take note of a report, and let the delivery follow. One of something that is not here is passed over."""
    with transaction.atomic():
        carries = carried.hold(delivery_id)
        attempt = kept(delivery_id, attempt_id, sid, said, code)
        moved = follow(attempt) if attempt else ""
        if moved and carries:
            carried.settle(delivery_id)
    logger.info("delivery_reported", delivery=delivery_id, said=said, code=code, is_new=attempt is not None)
    if attempt is None:
        return
    if code == twilio.OPTED_OUT:
        whatsapp.opt_out(attempt.delivery.recipient_id, to)
    if moved:
        count(attempt.delivery, moved)
        if fallback.due(delivery_id):
            transaction.on_commit(nudge, robust=True)


def kept(delivery_id: int, attempt_id: int, sid: str, said: str, code: str) -> DeliveryAttempt | None:
    """The attempt with this report; None when it tells nothing new. Locks the attempt, as its answer does, first."""
    attempt = DeliveryAttempt.objects.filter(pk=attempt_id).select_for_update(no_key=True).first()
    if attempt is None or attempt.delivery_id != delivery_id or said not in RANK:
        return None
    if (RANK[said], code) <= (RANK.get(attempt.reported, 0), attempt.reported_code):
        return None
    attempt.reported, attempt.reported_code, attempt.reported_at = said, code, timezone.now()
    attempt.provider_id = attempt.provider_id or sid
    attempt.save(update_fields=["reported", "reported_code", "reported_at", "provider_id"])
    return attempt


def follow(attempt: DeliveryAttempt) -> str:
    """Move the delivery; return the status that it moved to."""
    row = NotificationLog.objects.select_for_update(no_key=True).get(pk=attempt.delivery_id)
    attempt.delivery = row
    others = [one for one in row.delivery_attempts.all() if one.pk != attempt.pk]
    changes = failure(row, attempt, others) if attempt.reported in twilio.LOST else success(row, attempt)
    if changes:
        NotificationLog.objects.filter(pk=row.pk).update(**changes, **UNCLAIMED)
    return str(changes.get("status", ""))


def count(row: NotificationLog, status: str) -> None:
    """In the metrics; what is being sent is counted as sent by whoever sends it, when the answer comes."""
    if status != PENDING and (row.status, status) != (SENDING, SENT):
        metrics.came_to(row, status)


def success(row: NotificationLog, attempt: DeliveryAttempt) -> dict[str, Any]:
    """Twilio has it, or the person has; whatever became of other attempts. It never comes down again."""
    status, at = ARRIVED.get(attempt.reported, SENT), timezone.now()
    if FURTHER.get(DeliveryStatus(row.status), 0) >= FURTHER[status]:
        return {}
    late = fallback.due_at(row, SENT, "", at)
    return {
        "status": status,
        "error": "",
        "provider_id": attempt.provider_id,
        "attempts": counted(row, attempt),
        "sent_at": row.sent_at or at,
        "delivered_at": row.delivered_at if status == SENT else row.delivered_at or at,
        "next_attempt_at": None,
        "fallback_at": late if status == SENT else None,
    }


def failure(row: NotificationLog, attempt: DeliveryAttempt, others: Sequence[DeliveryAttempt]) -> dict[str, Any]:
    """It did not arrive: it goes again when that may help, unless another attempt may have arrived."""
    if row.status not in FAILS or any(may_arrive(other, attempt.provider_id) for other in others):
        return {}
    attempts, now, code = counted(row, attempt), timezone.now(), attempt.reported_code or attempt.reported
    changes = {"error": code, "provider_id": attempt.provider_id, "attempts": attempts, "sent_at": row.sent_at or now}
    since = ledger.first_tried(row, attempts)
    again = next_attempt(attempts, since=since, now=now) if twilio.passes(code) else None
    if again:
        late = fallback.due_at(row, PENDING, "", now)
        return changes | {"status": PENDING, "next_attempt_at": again, "fallback_at": late}
    late = fallback.due_at(row, FAILED, code, now)
    return changes | {"status": FAILED, "next_attempt_at": None, "fallback_at": late}


def counted(row: NotificationLog, attempt: DeliveryAttempt) -> int:
    """How many attempts there were; the one whose answer has not come yet is not among those of the row."""
    return row.attempts + (row.attempt_token == attempt.token)


def may_arrive(other: DeliveryAttempt, sid: str) -> bool:
    """Whether another attempt has sent, or may have sent, a message of its own that has not failed."""
    if other.reported:
        return other.reported not in twilio.LOST
    in_doubt = other.outcome in ("", *DOUBTFUL) and other.code != ledger.NOT_FOUND
    return in_doubt or other.provider_id not in ("", sid)
