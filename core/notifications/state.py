"""What clients that poll are shown as state: one value for each name, the newest only.

Timestamps come from the person's Feed, under its lock, so they rise strictly whatever the name.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from core.models import Feed, StateValue
from core.notifications import feed as feeds
from core.notifications import positions
from core.notifications.frames import progress_frame, state_changed
from core.notifications.publish import push

UNREAD_NOTIFICATIONS = "unread_notification_count"
UNREAD_MESSAGES = "unread_message_count"
TASK_PROGRESS = "task_progress"
MOST_TASKS = 50  # of one person; the oldest beyond them are shown no more
DONE = 100


def values(user_id: int, since: float) -> list[dict[str, Any]]:
    """The values that changed after `since`, as they are now, by their timestamp."""
    feed = feeds.read(user_id)  # first: every row up to its timestamp is committed; later ones are told later
    rows = StateValue.objects.filter(user=user_id, timestamp__gt=since, timestamp__lte=feed.state_at)
    found = [shown(row.name, row.data, row.timestamp) for row in rows]
    # Of a feed that the release before these timestamps has kept, the count is as old as can be.
    unread_at = feed.unread_at or (positions.TICK if feed.top_seq else 0)
    if unread_at > since:
        found.append(shown(UNREAD_NOTIFICATIONS, feeds.unread_count(feed), unread_at))
    return sorted(found, key=lambda value: float(value["timestamp"]))


def shown(name: str, data: Any, timestamp: float) -> dict[str, Any]:
    return {"name": name, "data": data, "timestamp": timestamp}


def report_progress(user_id: int, task_id: int, progress: int) -> None:
    """Show this person how far a task has come, in per cent. Tasks that were done before are shown no more."""
    if not 0 <= progress <= DONE:
        raise ValueError(f"no progress: {progress}")
    with transaction.atomic():
        feed = positions.lock([user_id])[user_id]
        before = StateValue.objects.filter(user=user_id, name=TASK_PROGRESS).values_list("data", flat=True).first()
        tasks = merged(before or [], task_id, progress)
        message = state_changed(progress_frame(tasks, put(feed, TASK_PROGRESS, tasks)))
        transaction.on_commit(lambda: push([(user_id, message)]), robust=True)


def merged(tasks: list[dict[str, Any]], task_id: int, progress: int) -> list[dict[str, Any]]:
    """The list with this entry in its place, or at the end."""
    known = {task["task_id"]: task["progress"] for task in tasks}
    current = {key: value for key, value in known.items() if value < DONE or key == task_id} | {task_id: progress}
    return [{"task_id": key, "progress": value} for key, value in current.items()][-MOST_TASKS:]


def put(feed: Feed, name: str, data: Any) -> float:
    """Replace a value of the person whose feed is locked; return its timestamp."""
    return put_each([feed], name, {feed.pk: data})[feed.pk]


def put_each(feeds: Collection[Feed], name: str, data: Mapping[int, Any]) -> dict[int, float]:
    """Give each of these people, whose feeds are locked, a timestamp; replace the value of those in `data`."""
    at = {feed.pk: positions.stamp(feed) for feed in feeds}
    StateValue.objects.bulk_create(
        [StateValue(user_id=pk, name=name, data=value, timestamp=at[pk]) for pk, value in data.items()],
        update_conflicts=True,
        unique_fields=["user", "name"],
        update_fields=["data", "timestamp"],
    )
    positions.save(feeds)
    return at
