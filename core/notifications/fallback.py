"""When WhatsApp does not get through: the e-mail that its recipient had switched off goes after all, once.

`fallback_at` of the WhatsApp row says when to look; whoever finds it due decides. This holds many rows that the inbox
locks, too, and in any order: so it waits for none.
"""

from collections import defaultdict
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
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
    """Fall back from what has not been delivered in time (or from these, if so); return how many e-mails go instead.

    Rows that the inbox, or somebody else, holds just now are left for later.
    """
    waiting = NotificationLog.objects.filter(fallback_at__lte=timezone.now())
    found = waiting.filter(pk__in=only) if only else waiting
    if not found.exists():
        return 0
    with transaction.atomic():
        free = found.order_by("fallback_at").select_for_update(skip_locked=True, no_key=True)
        fallen = fall_back(list(free[:BATCH]))
    for row in fallen:
        logger.info("delivery_falls_back", delivery=row.pk, status=row.status, reason=row.error)
    return len(fallen)


def fall_back(rows: list[NotificationLog]) -> list[NotificationLog]:
    """Let the mails go instead of these; return instead of which. What is undecided, or held, is looked at again."""
    now = timezone.now()
    mails = NotificationLog.objects.filter(notification__in=[row.notification for row in rows], notification_type=TO)
    known = {mail.notification: mail for mail in mails}
    unwanted = mails.filter(status=SKIPPED, error=UNWANTED, is_fallback=False)
    free = unwanted.select_for_update(skip_locked=True, no_key=True)
    go = dict(free.values_list("notification", "pk"))
    unwanted.filter(pk__in=go.values()).update(status=PENDING, error="", next_attempt_at=now, is_fallback=True)
    marks: defaultdict[datetime | None, list[int]] = defaultdict(list)
    for row in rows:
        mail = known.get(row.notification)
        waits = mail is not None and row.notification not in go and is_open(mail)
        done = now + DONE if row.status == PENDING else None
        marks[now + LATER if waits else done].append(row.pk)
    for at, keys in marks.items():
        NotificationLog.objects.filter(pk__in=keys).update(fallback_at=at)
    return [row for row in rows if row.notification in go]


def is_open(mail: NotificationLog) -> bool:
    """Whether it may yet have to go instead: it is unwanted, or has not been decided on."""
    unwanted = mail.status == SKIPPED and mail.error == UNWANTED
    return not mail.is_fallback and (unwanted or mail.status in (PENDING, SENDING))
