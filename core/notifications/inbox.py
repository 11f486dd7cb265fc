"""What an inbox row shows beside itself."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from core.models import Feed, NotificationLog
from core.models.notification import SYSTEM
from core.notifications import feed as feeds


def complete(feed: Feed, rows: Sequence[NotificationLog]) -> list[NotificationLog]:
    """Show read-alls in `rows` and give each its `deliveries`, the rows of its other channels; one query."""
    feeds.settle(feed, rows)
    siblings: defaultdict[UUID, list[NotificationLog]] = defaultdict(list)
    keys = {row.notification for row in rows}
    others = NotificationLog.objects.filter(notification__in=keys, recipient=feed.pk).exclude(notification_type=SYSTEM)
    for other in others.order_by("pk"):
        siblings[other.notification].append(other)
    for row in rows:
        row.deliveries = siblings[row.notification]
    return list(rows)
