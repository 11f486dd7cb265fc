"""The verbs of one's own inbox: read, unread, archived. All are idempotent.

Every channel's row of a notification moves together. Each change takes one position of the feed.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from core.domain.errors import NotVisible
from core.models import Feed, NotificationLog, User
from core.models.notification import SYSTEM, about
from core.notifications import feed as feeds
from core.notifications import positions
from core.notifications.frames import moved, state_frame
from core.notifications.publish import push

FORGOTTEN = "This was said among staff."
DECISIVE = ["notification_type", "event", "is_read", "is_archived", "unread_seq"]

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


def mark_all_read(
    *,
    user: User,
    ticket_id: int | None = None,
    resource: tuple[str, int] | None = None,
    up_to_seq: int | None = None,
) -> Marked:
    """Mark everything as read that has arrived by now; what arrives meanwhile stays unread.

    `ticket_id`: only what concerns that ticket, what was said in its room included. `resource`: only what is about
    the one of this type and id. `up_to_seq`: only what had arrived, or was marked as unread, by that position.
    """
    of = Q(ticket=ticket_id) if ticket_id is not None else about(*resource) if resource else None
    if of is not None:
        unread = NotificationLog.objects.filter(of, recipient=user, is_read=False, seq__gt=0)
        chosen = unread if up_to_seq is None else unread.filter(unread_seq__lte=up_to_seq)
        return _change(user, chosen.values("notification"), is_read=True)
    with transaction.atomic():
        feed = positions.lock([user.pk])[user.pk]
        end = feed.top_seq if up_to_seq is None else min(up_to_seq, feed.top_seq)
        left = {} if end == feed.top_seq else _unread_after(feed, max(end, feed.read_up_to))
        count = feeds.unread_count(feed) - sum(left.get(SYSTEM, {}).values())
        if count:
            while feed.folded_up_to < feed.read_up_to:
                positions.fold_batch(feed)  # the read-all before keeps its own time
            feed.read_up_to, feed.read_all_at, feed.unread = end, timezone.now(), left
            feed.read_all_seq, feed.unread_at = positions.take(feed), positions.stamp(feed)
            spared = list(feeds.spared(feed).values_list("pk", flat=True)) if left else []
            _save(feed, all_up_to_seq=end, **{"unread_ids": spared} if spared else {})
        return Marked(count, feeds.unread_count(feed))


def _unread_after(feed: Feed, seq: int) -> dict[str, dict[str, int]]:
    """The unread counts of what arrived later."""
    rows = NotificationLog.objects.filter(recipient=feed.pk, is_read=False, unread_seq__gt=seq)
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for channel, event, number in rows.values_list("notification_type", "event").annotate(Count("pk")).order_by():
        counts[channel][event] = number
    return dict(counts)


def forget_internal(user: User) -> None:
    """Take the words of internal comments out of what somebody was told as staff."""
    with transaction.atomic():
        positions.lock([user.pk])  # before its rows, as everybody does
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
        feed = positions.lock([user.pk])[user.pk]
        found = NotificationLog.objects.filter(recipient=user, notification__in=notifications)
        rows = list(found.only(*DECISIVE))  # there may be thousands, and their words are long
        changed = [row for row in rows if _differs(feed, row, is_read, is_archived)]
        turned = [row for row in changed if feeds.is_unread(feed, row) == is_read]
        if changed:
            seq = positions.take(feed, more=_more_shown(changed, is_archived))
            values = {"is_read": is_read, "changed_seq": seq}
            if is_archived is not None:
                values["is_archived"] = is_archived
            _update(changed, values)
            if is_read:  # archived while a read-all covers them that their rows do not show yet
                covered = [row for row in changed if not row.is_read and not feeds.is_unread(feed, row)]
                _update(covered, {"read_at": feed.read_all_at})
            _update(turned, {"read_at": timezone.now()} if is_read else {"read_at": None, "unread_seq": seq})
            positions.count(feed, turned, -1 if is_read else +1)
            name = "archived_ids" if is_archived else "read_ids" if is_read else "unread_ids"
            _save(feed, **{name: [row.pk for row in changed if row.notification_type == SYSTEM]})
        return Marked(sum(row.notification_type == SYSTEM for row in changed), feeds.unread_count(feed))


def _differs(feed: Feed, row: NotificationLog, is_read: bool, is_archived: bool | None) -> bool:
    return feeds.is_unread(feed, row) == is_read or is_archived not in (None, row.is_archived)


def _more_shown(changed: Sequence[NotificationLog], is_archived: bool | None) -> int:
    """How many more the inbox shows when these are put away or come back."""
    crossing = sum(row.notification_type == SYSTEM and row.is_archived != is_archived for row in changed)
    return 0 if is_archived is None else -crossing if is_archived else crossing


def _update(rows: Sequence[NotificationLog], values: Mapping[str, Any]) -> None:
    for start in range(0, len(rows), positions.FOLD_BATCH):  # a statement of SQLite takes only so many keys
        batch = [row.pk for row in rows[start : start + positions.FOLD_BATCH]]
        NotificationLog.objects.filter(pk__in=batch).update(**values)


def _save(feed: Feed, **changed: Any) -> None:
    """Write the feed, and tell the person's open clients what changed."""
    positions.save([feed])
    message = moved(state_frame(feed.top_seq, unread_count=feeds.unread_count(feed), **changed))
    transaction.on_commit(lambda: push([(feed.pk, message)]), robust=True)
