"""Positions, unread counts and replay: one code for every way of reading an inbox.

A position is given out under the lock of the person's Feed row, in the transaction of the change,
so no reader can see position n+1 while n is still uncommitted.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from core.models import Feed, NotificationLog
from core.models.notification import SYSTEM
from core.notifications.frames import notification_frame
from core.notifications.statements import Statement, batches, marks, run_together, stored

FOLD_BATCH = 1_000
SAVED = ["top_seq", "unread", "read_up_to", "read_all_seq", "read_all_at", "inbox_count", "counted_seq"]
COLUMNS = ["user_id", *SAVED, "folded_up_to"]
LOCK = "SELECT * FROM core_feed WHERE user_id IN {} ORDER BY user_id {}"
# They exist, so nothing is ever inserted: this is one UPDATE with different values for each.
UPDATE = "INSERT INTO core_feed ({}) VALUES {} ON CONFLICT (user_id) DO UPDATE SET {}"
SET = ", ".join(f"{name} = excluded.{name}" for name in SAVED)


def lock(user_ids: Collection[int], *, missing: Collection[int] | None = None) -> dict[int, Feed]:
    """Lock the feeds of these people, in user order so that two changes cannot deadlock. Take it last.

    `missing`: who had none yet a moment ago, when that is known.
    """
    ordered = sorted(set(user_ids))
    wanted = Feed.objects.filter(pk__in=ordered).order_by("pk")
    if missing is None:
        missing = set(ordered).difference(wanted.values_list("pk", flat=True))
    if missing:
        # Before the first lock: waiting for somebody who makes the same feed must not hold up others.
        Feed.objects.bulk_create([Feed(user_id=pk) for pk in sorted(missing)], ignore_conflicts=True)
    if not ordered:
        return {}
    sql = LOCK.format(marks(1, len(ordered)), "FOR NO KEY UPDATE" if connection.vendor == "postgresql" else "")
    return {feed.pk: feed for feed in Feed.objects.raw(sql, ordered)}


def take(feed: Feed, *, more: int = 0) -> int:
    """Give out the next position of a locked feed, for a change by which its inbox shows so many rows more."""
    if feed.inbox_count is not None and feed.counted_seq == feed.top_seq:
        feed.inbox_count, feed.counted_seq = feed.inbox_count + more, feed.top_seq + 1
    feed.top_seq += 1
    return feed.top_seq


def count(feed: Feed, rows: Iterable[NotificationLog], step: int) -> None:
    """Add `step` to the unread counts of a locked feed for each of these rows."""
    for row in rows:
        by_event = feed.unread.setdefault(row.notification_type, {})
        by_event[row.event] = by_event.get(row.event, 0) + step
        if not by_event[row.event]:
            del by_event[row.event]


def save(feeds: Collection[Feed]) -> None:
    """Write locked feeds back."""
    run_together(updates(feeds))


def updates(feeds: Collection[Feed]) -> list[Statement]:
    """The statements that write locked feeds back."""
    found = []
    for batch in batches(list(feeds)):
        sql = UPDATE.format(", ".join(COLUMNS), marks(len(batch), len(COLUMNS)), SET)
        found.append((sql, [stored(getattr(feed, name)) for feed in batch for name in COLUMNS]))
    return found


def read(user_id: int) -> Feed:
    """A person's feed as it is now; an empty one before its first notification."""
    return Feed.objects.filter(pk=user_id).first() or Feed(user_id=user_id)


def unread_count(feed: Feed) -> int:
    """How many notifications are unread."""
    return sum(feed.unread.get(SYSTEM, {}).values())


def inbox_count(feed: Feed) -> int:
    """How many the inbox shows: counted by the first who asks, and carried on by every change."""
    if feed.inbox_count is not None and feed.counted_seq == feed.top_seq:
        return feed.inbox_count
    shown = NotificationLog.objects.filter(recipient_id=feed.pk, notification_type=SYSTEM, is_archived=False).count()
    # Of a later position it may be, but is not written down then.
    Feed.objects.filter(pk=feed.pk, top_seq=feed.top_seq).update(inbox_count=shown, counted_seq=feed.top_seq)
    return shown


def is_unread(feed: Feed, row: NotificationLog) -> bool:
    """Whether a row is unread, also when a read-all has not been written into it yet."""
    return not row.is_read and row.unread_seq > feed.read_up_to


def settle(feed: Feed, rows: Iterable[NotificationLog]) -> None:
    """Show rows as read, in memory, that a read-all covers but has not reached yet."""
    for row in rows:
        if not row.is_read and not is_unread(feed, row):
            row.is_read, row.read_at = True, feed.read_all_at
            row.changed_seq = feed.read_all_seq


def since(user_id: int, seq: int, *, limit: int) -> tuple[int, list[dict[str, Any]]]:
    """The position now, and the frames of up to `limit` notifications created after `seq`, oldest first.

    With more than `limit` the position is that of the last frame: ask again from there.
    """
    feed = read(user_id)  # first: every row up to its position is committed
    if feed.top_seq <= seq:
        return seq, []
    created = NotificationLog.objects.filter(
        recipient_id=user_id, notification_type=SYSTEM, seq__gt=seq, seq__lte=feed.top_seq
    )
    rows = list(created.order_by("seq")[: limit + 1])
    position = rows[limit - 1].seq if len(rows) > limit else feed.top_seq
    return position, [notification_frame(row, unread_count=unread_count(feed)) for row in rows[:limit]]


def positions(user_ids: Collection[int]) -> dict[int, int]:
    """The last position of each of these people, in one query."""
    return dict(Feed.objects.filter(pk__in=user_ids).values_list("pk", "top_seq"))


def fold_batch(feed: Feed) -> bool:
    """Write a locked feed's read-all into the next rows it covers; False when those were the last."""
    covered = NotificationLog.objects.filter(recipient_id=feed.pk, is_read=False, unread_seq__lte=feed.read_up_to)
    batch = list(covered.values_list("pk", flat=True)[:FOLD_BATCH])
    NotificationLog.objects.filter(pk__in=batch).update(
        is_read=True, read_at=feed.read_all_at, changed_seq=feed.read_all_seq
    )
    if len(batch) == FOLD_BATCH:
        return True
    feed.folded_up_to = feed.read_up_to
    feed.save(update_fields=["folded_up_to"])
    return False


def fold_all() -> None:
    """Fold every feed that has a read-all its rows do not show yet; the lock is let go after each batch."""
    for user_id in Feed.objects.filter(folded_up_to__lt=F("read_up_to")).values_list("pk", flat=True):
        more = True
        while more:
            with transaction.atomic():
                more = fold_batch(lock([user_id])[user_id])
