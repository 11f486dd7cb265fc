"""What became of notifications, on each channel."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from core.models import Feed, NotificationLog
from core.models.notification import SYSTEM
from core.notifications import feed as feeds

SHOWN = ["notification", "notification_type", "status", "sent_at", "delivered_at", "error", "attempts"]


def of_ticket(ticket_id: int) -> QuerySet[NotificationLog]:
    """The notifications of a ticket, to whomever, newest first; each is its SYSTEM row."""
    rows = NotificationLog.objects.filter(ticket=ticket_id, notification_type=SYSTEM)
    return rows.select_related("recipient").order_by("-pk")


def with_status(rows: QuerySet[NotificationLog], statuses: Sequence[str]) -> QuerySet[NotificationLog]:
    """Those of which some channel's row has one of these statuses."""
    return rows.filter(
        Exists(NotificationLog.objects.filter(notification=OuterRef("notification"), status__in=statuses))
    )


def complete(rows: Sequence[NotificationLog], *, but: Collection[str] = ()) -> list[NotificationLog]:
    """Give each its `deliveries`, the rows of all its channels but these; one query."""
    found: defaultdict[UUID, list[NotificationLog]] = defaultdict(list)
    siblings = NotificationLog.objects.filter(notification__in={row.notification for row in rows}).only(*SHOWN)
    for sibling in siblings.exclude(notification_type__in=but).order_by("pk"):
        found[sibling.notification].append(sibling)
    for row in rows:
        row.deliveries = found[row.notification]
    return list(rows)


def in_inbox(feed: Feed, rows: Sequence[NotificationLog]) -> list[NotificationLog]:
    """`rows` as the inbox shows them: with read-alls, and what became of them on the other channels; one query."""
    feeds.settle(feed, rows)
    return complete(rows, but=[SYSTEM])
