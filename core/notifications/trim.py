"""Deletes for age, where an operator says so: notifications that were read, letters, and what attempts have left.

NOTIFICATIONS_KEPT_DAYS and ATTEMPTS_KEPT_DAYS; without them nothing ever expires. Nothing goes that still has to be
sent, or that tells whether something may be sent.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from core.models import DeliveryAttempt, DeliveryStatus, Feed, NotificationLog
from core.models.notification import SYSTEM
from core.notifications import positions

BATCH = 500  # notifications for which one person's feed is locked; also letters or attempts at a time
UNFINISHED = [DeliveryStatus.PENDING, DeliveryStatus.SENDING]
UNSETTLED = [*UNFINISHED, DeliveryStatus.UNKNOWN]  # an admin may repeat it: its attempts say that one looks first

logger = structlog.get_logger(__name__)


class Expired(NamedTuple):
    """How many of each. A notification counts once, however many channels it has."""

    notifications: int = 0
    letters: int = 0
    attempts: int = 0


def trim(now: datetime) -> Expired:
    """Delete what is old enough. What a read-all covers counts as read once that is written into its rows."""
    gone = Expired()
    if before := border(settings.NOTIFICATIONS_KEPT_DAYS, now):
        gone = gone._replace(notifications=trim_notifications(before), letters=trim_letters(before))
    if before := border(settings.ATTEMPTS_KEPT_DAYS, now):
        gone = gone._replace(attempts=trim_attempts(before))
    if any(gone):
        logger.info("trimmed", **gone._asdict())
    return gone


def expired(now: datetime) -> Expired:
    """What trim() would delete; of attempts, also those that would go with their notification."""
    found = Expired()
    if before := border(settings.NOTIFICATIONS_KEPT_DAYS, now):
        found = found._replace(notifications=done(before).count(), letters=letters(before).count())
    if before := border(settings.ATTEMPTS_KEPT_DAYS, now):
        old = DeliveryAttempt.objects.filter(started_at__lt=before)
        found = found._replace(attempts=old.exclude(delivery__status__in=UNSETTLED).count())
    return found


def border(days: int, now: datetime) -> datetime | None:
    """What is older than this expires; None: nothing does."""
    return now - timedelta(days=days) if days else None


def done(before: datetime) -> QuerySet[NotificationLog]:
    """The inbox rows of notifications that were read (archiving marks as read) and sent, one way or another."""
    unfinished = NotificationLog.objects.filter(status__in=UNFINISHED)
    own = unfinished.filter(notification=OuterRef("notification"))
    carried = unfinished.filter(carried_by__notification=OuterRef("notification"))  # they end as their carrier has
    read = NotificationLog.objects.filter(notification_type=SYSTEM, is_read=True, read_at__lt=before)
    return read.exclude(Exists(own)).exclude(Exists(carried))


def letters(before: datetime) -> QuerySet[NotificationLog]:
    """Letters are in no inbox, so nobody reads them there: they expire by when they were written."""
    return NotificationLog.objects.filter(seq=0, created_at__lt=before).exclude(status__in=UNFINISHED)


def trim_notifications(before: datetime) -> int:
    gone = 0
    for user_id in list(done(before).order_by().values_list("recipient", flat=True).distinct()):
        while batch := trim_batch(user_id, before):
            gone += batch
    return gone


def trim_batch(user_id: int, before: datetime) -> int:
    """Delete the oldest of one person's on all channels; how many.

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
        return len(rows)


def trim_letters(before: datetime) -> int:
    gone = 0
    while batch := list(letters(before).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        letters(before).filter(pk__in=batch).delete()
        gone += len(batch)
    return gone


def trim_attempts(before: datetime) -> int:
    """From the oldest on, by their keys: there is no index by age."""
    gone = after = 0
    attempts = DeliveryAttempt.objects.order_by("pk").values_list("pk", "started_at", "delivery__status")
    while batch := list(attempts.filter(pk__gt=after)[:BATCH]):
        old = [pk for pk, started_at, status in batch if started_at < before and status not in UNSETTLED]
        gone += DeliveryAttempt.objects.filter(pk__in=old).delete()[0]
        after, newest, _ = batch[-1]
        if newest >= before:
            break
    return gone
