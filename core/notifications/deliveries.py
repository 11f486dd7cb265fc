"""What became of the notifications of one ticket, for admins: per recipient and channel."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from core.models import NotificationLog
from core.models.notification import SYSTEM


def of_ticket(ticket_id: int) -> QuerySet[NotificationLog]:
    """Its notifications, newest first; each is its SYSTEM row."""
    rows = NotificationLog.objects.filter(ticket=ticket_id, notification_type=SYSTEM)
    return rows.select_related("recipient").order_by("-pk")


def with_status(rows: QuerySet[NotificationLog], statuses: Sequence[str]) -> QuerySet[NotificationLog]:
    """Those of which some channel's row has one of these statuses."""
    return rows.filter(
        Exists(NotificationLog.objects.filter(notification=OuterRef("notification"), status__in=statuses))
    )


def complete(rows: Sequence[NotificationLog]) -> list[NotificationLog]:
    """Give each its `deliveries`, the rows of all its channels; one query."""
    found: defaultdict[UUID, list[NotificationLog]] = defaultdict(list)
    for row in NotificationLog.objects.filter(notification__in={row.notification for row in rows}).order_by("pk"):
        found[row.notification].append(row)
    for row in rows:
        row.deliveries = found[row.notification]
    return list(rows)
