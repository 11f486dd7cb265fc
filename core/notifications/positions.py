"""Gives out the positions of an inbox, and keeps its counts, under the lock of the person's Feed row.

In the transaction of the change: so no reader can see position n+1 while n is still uncommitted.
"""

import time
from collections.abc import Collection, Iterable

from django.db import connection, transaction
from django.db.models import F

from core.models import Feed, NotificationLog
from core.models.notification import SYSTEM
from core.notifications.statements import Statement, batches, marks, run_together, stored

FOLD_BATCH = 1_000
TICK = 1e-6  # seconds; a float holds four of these in this century
SAVED = ["top_seq", "unread", "read_up_to", "read_all_seq", "read_all_at", "inbox_count", "counted_seq"]
SAVED += ["state_at", "unread_at"]
COLUMNS = ["user_id", *SAVED, "folded_up_to"]
LOCK = "SELECT {} FROM core_feed WHERE user_id IN {} ORDER BY user_id {}"
# They exist, so nothing is ever inserted: this is one UPDATE with different values for each.
UPDATE = "INSERT INTO core_feed ({}) VALUES {} ON CONFLICT (user_id) DO UPDATE SET {}"
SET = ", ".join(f"{name} = excluded.{name}" for name in SAVED)


def make(user_ids: Collection[int]) -> None:
    """Make the feeds of people who had none a moment ago.

    Before the first lock: waiting for somebody who makes the same feed must not hold up others.
    """
    if user_ids:
        Feed.objects.bulk_create([Feed(user_id=pk) for pk in sorted(user_ids)], ignore_conflicts=True)


def lock(user_ids: Collection[int]) -> dict[int, Feed]:
    """Lock the feeds of these people, in user order so that two changes cannot deadlock. Take it last."""
    if not user_ids:
        return {}
    make(set(user_ids).difference(Feed.objects.filter(pk__in=user_ids).values_list("pk", flat=True)))
    return {feed.pk: feed for feed in Feed.objects.raw(*locking(user_ids, "*"))}


def locking(user_ids: Collection[int], columns: str = "user_id") -> Statement:
    """The statement that locks these feeds."""
    ordered = sorted(set(user_ids))
    mode = "FOR NO KEY UPDATE" if connection.vendor == "postgresql" else ""
    return LOCK.format(columns, marks(1, len(ordered)), mode), ordered


def take(feed: Feed, *, more: int = 0) -> int:
    """Give out the next position of a locked feed, for a change by which its inbox shows so many rows more."""
    if feed.inbox_count is not None and feed.counted_seq == feed.top_seq:
        feed.inbox_count, feed.counted_seq = feed.inbox_count + more, feed.top_seq + 1
    feed.top_seq += 1
    return feed.top_seq


def stamp(feed: Feed) -> float:
    """Give out the next timestamp of a locked feed: seconds since 1970, always later than the one before."""
    feed.state_at = max(time.time(), feed.state_at + TICK)
    return feed.state_at


def count(feed: Feed, rows: Iterable[NotificationLog], step: int) -> None:
    """Add `step` to the unread counts of a locked feed for each of these rows."""
    for row in rows:
        if row.notification_type == SYSTEM:
            feed.unread_at = stamp(feed)
        by_event = feed.unread.setdefault(row.notification_type, {})
        by_event[row.event] = by_event.get(row.event, 0) + step
        if not by_event[row.event]:
            del by_event[row.event]


def save(feeds: Collection[Feed]) -> None:
    """Write locked feeds back."""
    statements = []
    for batch in batches(list(feeds)):
        sql = UPDATE.format(", ".join(COLUMNS), marks(len(batch), len(COLUMNS)), SET)
        statements.append((sql, [stored(getattr(feed, name)) for feed in batch for name in COLUMNS]))
    run_together(statements)


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
