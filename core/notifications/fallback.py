"""When WhatsApp does not get through: the e-mail that its recipient had switched off goes after all, once.

`fallback_at` of the WhatsApp row says when to look; whoever finds it due decides. The e-mail's row is changed first and
alone, the mark taken away afterwards: both can be done again, and no transaction holds two rows that the inbox locks.
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.utils import timezone

from core.models import DeliveryStatus, NotificationLog
from core.notifications import twilio

FROM, TO = "WHATSAPP", "EMAIL"
UNWANTED = "preference_off"  # the only reason that gives way
TEMPLATE = "template_required"
BATCH = 500
LATER = timedelta(minutes=1)  # until the e-mail itself has been decided on
DONE = timedelta(days=1)  # what waits on has had its look, and needs no other while it is tried

PENDING, SENDING, SENT = DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.SENT
FAILED, SKIPPED, UNKNOWN = DeliveryStatus.FAILED, DeliveryStatus.SKIPPED, DeliveryStatus.UNKNOWN

logger = structlog.get_logger(__name__)


def due_at(row: NotificationLog, status: str, reason: str, now: datetime) -> datetime | None:
    """When to fall back from a row that gets this status: at once, when it has not arrived in time, or never.

    Its time begins with the first attempt.
    """
    minutes = settings.WHATSAPP_FALLBACK_MINUTES
    if row.notification_type != FROM or not minutes:
        return None
    if status == FAILED or (status == SKIPPED and reason == TEMPLATE):
        return now
    if status in (PENDING, UNKNOWN) or (status == SENT and twilio.reports_back()):
        return row.fallback_at or now + timedelta(minutes=minutes)
    return None


def due(*only: int) -> int:
    """Fall back from what has not been delivered in time (or from these, if so); return how many e-mails go instead."""
    waiting = NotificationLog.objects.filter(fallback_at__lte=timezone.now())
    rows = (waiting.filter(pk__in=only) if only else waiting).order_by("fallback_at")[:BATCH]
    told = {row.notification for row in rows}
    mails = {
        mail.notification: mail for mail in NotificationLog.objects.filter(notification__in=told, notification_type=TO)
    }
    return sum(fall_back(row, mails.get(row.notification)) for row in rows)


def fall_back(row: NotificationLog, mail: NotificationLog | None) -> int:
    """Let `mail` go instead of `row`. What has not been decided on yet is looked at again."""
    marked = NotificationLog.objects.filter(pk=row.pk, fallback_at=row.fallback_at)
    if mail and mail.status in (PENDING, SENDING) and not mail.is_fallback:
        marked.update(fallback_at=timezone.now() + LATER)
        return 0
    goes = mail is not None and go(mail)
    marked.update(fallback_at=timezone.now() + DONE if row.status == PENDING else None)
    if goes:
        logger.info("delivery_falls_back", delivery=row.pk, status=row.status, reason=row.error)
    return int(goes)


def go(mail: NotificationLog) -> bool:
    """Send it after all, if its recipient not wanting it is why it was not sent."""
    unwanted = NotificationLog.objects.filter(pk=mail.pk, status=SKIPPED, error=UNWANTED, is_fallback=False)
    now = timezone.now()
    return bool(unwanted.update(status=PENDING, error="", next_attempt_at=now, is_fallback=True))
