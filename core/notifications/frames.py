"""What a socket is sent, as CONTRACT §4 writes it, and the envelope it travels in between processes."""

from datetime import UTC, datetime
from typing import Any

from core.models import NotificationLog


def timestamp(moment: datetime) -> str:
    """UTC, ISO 8601, ending in Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def notification_frame(row: NotificationLog, *, unread_count: int) -> dict[str, Any]:
    """One notification as clients get it. `unread_count` is absolute, as of the row's position."""
    return {
        "type": "notification",
        "notification_type": row.event,
        "event": row.event,
        "message": row.message,
        "ticket": row.ticket_snapshot,
        "timestamp": timestamp(row.created_at),
        "id": row.pk,
        "seq": row.seq,
        "actor": row.actor,
        "resource_type": row.resource_type,
        "resource_id": row.resource_id,
        "url": row.url,
        "unread_count": unread_count,
    }


def announced(row: NotificationLog, *, unread_count: int) -> dict[str, Any]:
    """The channel layer's message for a new notification."""
    return {"type": "feed.notified", "seq": row.seq, "frame": notification_frame(row, unread_count=unread_count)}


def moved(seq: int) -> dict[str, Any]:
    """The channel layer's message for any other change of an inbox: its position went on."""
    return {"type": "feed.moved", "seq": seq}
