"""What a socket is sent, as CONTRACT §4 writes it, and the envelope it travels in between processes."""

from datetime import UTC, datetime
from typing import Any

from core.domain.change import Person
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


def current_frame(row: NotificationLog, *, unread_count: int) -> dict[str, Any]:
    """One notification as it is now, for clients that ask for more than plain frames (`v=2`, SSE, `changes/`)."""
    own = {"changed_seq": row.changed_seq, "is_read": row.is_read, "is_archived": row.is_archived}
    return notification_frame(row, unread_count=unread_count) | own


def as_new(frame: dict[str, Any]) -> dict[str, Any]:
    """A plain frame that has just been announced, as `current_frame` has it."""
    return frame | {"changed_seq": frame["seq"], "is_read": False, "is_archived": False}


def state_frame(seq: int, *, unread_count: int, **changed: Any) -> dict[str, Any]:
    """What became of notifications: `read_ids`, `unread_ids`, `archived_ids`, or `all_up_to_seq`.

    Those under a read-all come first: the ids say what is true after it.
    """
    return {"type": "state", "seq": seq, **changed, "unread_count": unread_count}


def announced(row: NotificationLog, *, unread_count: int) -> dict[str, Any]:
    """The channel layer's message for a new notification."""
    return {"type": "feed.notified", "seq": row.seq, "frame": notification_frame(row, unread_count=unread_count)}


def moved(frame: dict[str, Any]) -> dict[str, Any]:
    """The channel layer's message for any other change of an inbox; `frame` is its state frame."""
    return {"type": "feed.moved", "seq": frame["seq"], "frame": frame}


def progress_frame(tasks: list[dict[str, Any]], at: float) -> dict[str, Any]:
    """How far a person's tasks have come, as `state/` has it; `at` rises strictly."""
    return {"type": "task_progress", "tasks": tasks, "timestamp": at}


def state_changed(frame: dict[str, Any]) -> dict[str, Any]:
    """The channel layer's message for what is no part of the inbox, and so has no position."""
    return {"type": "state.changed", "frame": frame}


def message_frame(
    action: str, conversation_id: int, message: dict[str, Any] | None, *, unread_message_count: int, at: float
) -> dict[str, Any]:
    """A message of a conversation was `posted`, `edited` or `deleted`. Without one: somebody has `read` it, or has
    `joined` or `left` it.

    `at` rises strictly for each person: the count of the newest frame is the one to show.
    """
    return {
        "type": "message",
        "action": action,
        "conversation": conversation_id,
        "message": message,
        "unread_message_count": unread_message_count,
        "timestamp": at,
    }


def message_changed(frame: dict[str, Any]) -> dict[str, Any]:
    """The channel layer's message for a message of a conversation. Unlike a state, none replaces the one before it."""
    return {"type": "message.changed", "frame": frame}


def typing_frame(conversation_id: int, user: Person) -> dict[str, Any]:
    return {"type": "typing", "conversation": conversation_id, "user": user.as_dict()}


def presence_frame(conversation_id: int, user: Person, *, present: bool) -> dict[str, Any]:
    return {"type": "presence", "conversation": conversation_id, "user": user.as_dict(), "present": present}


def talk_heard(frame: dict[str, Any], *, asks: bool = False) -> dict[str, Any]:
    """The channel layer's message for what is told and kept nowhere; whoever is there says so to one that `asks`."""
    return {"type": "talk.heard", "frame": frame, "asks": asks}
