"""Deletes notifications for age, when NOTIFICATIONS_KEPT_DAYS says so: read ones with nothing left to send."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from core.models import DeliveryStatus, Feed, NotificationLog
from core.models.notification import SYSTEM
from core.notifications import positions

BATCH = 500  # notifications for which one person's feed is locked


def trim(now: datetime) -> None:
    """Delete what is old enough. What a read-all covers counts as read once that is written into its rows."""
    if not settings.NOTIFICATIONS_KEPT_DAYS:
        return
    before = now - timedelta(days=settings.NOTIFICATIONS_KEPT_DAYS)
    for user_id in list(done(before).order_by().values_list("recipient", flat=True).distinct()):
        while trim_batch(user_id, before):
            pass


def done(before: datetime) -> QuerySet[NotificationLog]:
    """The inbox rows of notifications that were read and sent, one way or another."""
    waiting = NotificationLog.objects.filter(
        notification=OuterRef("notification"), status__in=[DeliveryStatus.PENDING, DeliveryStatus.SENDING]
    )
    read = NotificationLog.objects.filter(notification_type=SYSTEM, is_read=True, created_at__lt=before)
    return read.exclude(Exists(waiting))


def trim_batch(user_id: int, before: datetime) -> bool:
    """Delete the oldest of one person's on all channels; False when those were the last.

    Who has not heard of their last change yet cannot be told any more: `min_seq` says up to where that is so.
    """
    with transaction.atomic():
        feed = positions.lock([user_id])[user_id]
        rows = list(done(before).filter(recipient=user_id).order_by("pk")[:BATCH])
        if rows:
            gone = [row.notification for row in rows]
            NotificationLog.objects.filter(recipient=user_id, notification__in=gone).delete()
            # A position of its own: whoever counts the inbox at this moment must not write the old number down.
            positions.take(feed, more=-sum(not row.is_archived for row in rows))
            positions.save([feed])
            Feed.objects.filter(pk=user_id).update(min_seq=max(feed.min_seq, *(row.changed_seq for row in rows)))
        return len(rows) == BATCH
