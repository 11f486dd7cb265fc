"""The verbs of one's own inbox: read, unread, archived. All are idempotent.

Every channel's row of a notification moves together. Each change takes one position of the feed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.domain.errors import NotVisible
from core.models import Feed, NotificationLog, User
from core.models.notification import SYSTEM
from core.notifications import feed as feeds
from core.notifications.frames import moved
from core.notifications.publish import push

FORGOTTEN = "This was said among staff."

Notifications = QuerySet[NotificationLog, Any]  # their keys, as a subquery


@dataclass(frozen=True, slots=True)
class Marked:
    """How many notifications changed, and how many are unread now."""

    count: int
    unread_count: int


def mark_read(*, user: User, ids: Collection[int]) -> Marked:
    """Mark these notifications as read; ids of other people's or of none are passed over."""
    return _change(user, _notifications_of(user, ids), is_read=True)


def mark_unread(*, user: User, notification_id: int) -> Marked:
    """Mark one as unread again; an archived one comes back to the inbox."""
    return _change(user, _existing(user, notification_id), is_read=False, is_archived=False)


def archive(*, user: User, notification_id: int) -> Marked:
    """Put one away; archiving marks as read."""
    return _change(user, _existing(user, notification_id), is_read=True, is_archived=True)


def mark_one_read(*, user: User, notification_id: int) -> Marked:
    """Mark one as read; NotVisible when it is not this person's."""
    return _change(user, _existing(user, notification_id), is_read=True)


def mark_all_read(*, user: User, ticket_id: int | None = None) -> Marked:
    """Mark everything (of one ticket) as read that has arrived by now; what arrives meanwhile stays unread."""
    if ticket_id is not None:
        of_ticket = NotificationLog.objects.filter(recipient=user, ticket=ticket_id, is_read=False)
        return _change(user, of_ticket.values("notification"), is_read=True)
    with transaction.atomic():
        feed = feeds.lock([user.pk])[user.pk]
        count = feeds.unread_count(feed)
        if count:
            while feed.folded_up_to < feed.read_up_to:
                feeds.fold_batch(feed)  # the read-all before keeps its own time
            feed.read_up_to, feed.read_all_at, feed.unread = feed.top_seq, timezone.now(), {}
            feed.read_all_seq = feeds.take(feed)
            _save(feed)
        return Marked(count, 0)


def forget_internal(user: User) -> None:
    """Take the words of internal comments out of what somebody was told as staff."""
    with transaction.atomic():
        feeds.lock([user.pk])  # before its rows, as everybody does
        NotificationLog.objects.filter(recipient=user, is_internal=True).update(message=FORGOTTEN)


def _notifications_of(user: User, ids: Collection[int]) -> Notifications:
    """The notifications that these rows, of whatever channel, belong to; letters have no place in the inbox."""
    return NotificationLog.objects.filter(recipient=user, pk__in=ids, seq__gt=0).values("notification")


def _existing(user: User, notification_id: int) -> Notifications:
    found = _notifications_of(user, [notification_id])
    if not found.exists():
        raise NotVisible
    return found


def _change(
    user: User,
    notifications: Notifications,
    *,
    is_read: bool,
    is_archived: bool | None = None,
) -> Marked:
    with transaction.atomic():
        feed = feeds.lock([user.pk])[user.pk]
        rows = list(NotificationLog.objects.filter(recipient=user, notification__in=notifications))
        changed = [row for row in rows if _differs(feed, row, is_read, is_archived)]
        turned = [row for row in changed if feeds.is_unread(feed, row) == is_read]
        if changed:
            seq = feeds.take(feed, more=_more_shown(changed, is_archived))
            values = {"is_read": is_read, "changed_seq": seq}
            if is_archived is not None:
                values["is_archived"] = is_archived
            _update(changed, values)
            if is_read:  # archived while a read-all covers them that their rows do not show yet
                covered = [row for row in changed if not row.is_read and not feeds.is_unread(feed, row)]
                _update(covered, {"read_at": feed.read_all_at})
            _update(turned, {"read_at": timezone.now()} if is_read else {"read_at": None, "unread_seq": seq})
            feeds.count(feed, turned, -1 if is_read else +1)
            _save(feed)
        return Marked(sum(row.notification_type == SYSTEM for row in changed), feeds.unread_count(feed))


def _differs(feed: Feed, row: NotificationLog, is_read: bool, is_archived: bool | None) -> bool:
    return feeds.is_unread(feed, row) == is_read or is_archived not in (None, row.is_archived)


def _more_shown(changed: Sequence[NotificationLog], is_archived: bool | None) -> int:
    """How many more the inbox shows when these are put away or come back."""
    crossing = sum(row.notification_type == SYSTEM and row.is_archived != is_archived for row in changed)
    return 0 if is_archived is None else -crossing if is_archived else crossing


def _update(rows: Sequence[NotificationLog], values: Mapping[str, Any]) -> None:
    for start in range(0, len(rows), feeds.FOLD_BATCH):  # a statement of SQLite takes only so many keys
        batch = [row.pk for row in rows[start : start + feeds.FOLD_BATCH]]
        NotificationLog.objects.filter(pk__in=batch).update(**values)


def _save(feed: Feed) -> None:
    feeds.save([feed])
    message = moved(feed.top_seq)
    transaction.on_commit(lambda: push([(feed.pk, message)]), robust=True)
