"""Reading an inbox: its position, what was missed since one, and how much is unread.

One code for WebSocket, SSE and polling. Positions are given out in positions.py.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, QuerySet

from core.models import Feed, NotificationLog
from core.models.notification import SYSTEM
from core.notifications.frames import current_frame, notification_frame, state_frame

MOST = 300  # of what was missed; a client that has missed more fetches its list anew


@dataclass(frozen=True, slots=True)
class Replay:
    """What happened since a position: `state` is about older notifications and comes before `created`.

    With a `reason` it cannot be told whole, and is empty: epoch, ahead, trimmed or too_many.
    """

    feed: Feed
    created: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of what changed since a position: go on from `seq`. With a `reason` it cannot be told whole."""

    feed: Feed
    seq: int
    results: list[dict[str, Any]] = field(default_factory=list)
    has_more: bool = False
    reason: str = ""


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


def positions(user_ids: Collection[int]) -> dict[int, int]:
    """The last position of each of these people, in one query."""
    return dict(Feed.objects.filter(pk__in=user_ids).values_list("pk", "top_seq"))


def since(user_id: int, seq: int, *, limit: int) -> tuple[int, list[dict[str, Any]]]:
    """The position now, and the plain frames of up to `limit` notifications created after `seq`, oldest first.

    With more than `limit` the position is that of the last frame: ask again from there.
    """
    feed = read(user_id)  # first: every row up to its position is committed
    if feed.top_seq <= seq:
        return seq, []
    rows = list(created_since(feed, seq)[: limit + 1])
    position = rows[limit - 1].seq if len(rows) > limit else feed.top_seq
    return position, [notification_frame(row, unread_count=unread_count(feed)) for row in rows[:limit]]


def replay(user_id: int, seq: int, epoch: str | None) -> Replay:
    """What somebody missed who was at `seq` of `epoch` (None: whichever): at most MOST created, and MOST changed."""
    feed = read(user_id)
    if reason := gap(feed, seq, epoch):
        return Replay(feed, reason=reason)
    if feed.top_seq == seq:
        return Replay(feed)
    created = list(created_since(feed, seq)[: MOST + 1])
    older = list(changed_since(feed, seq).filter(seq__lte=seq)[: MOST + 1])
    if feed.read_all_seq > seq:
        older += spared(feed).filter(seq__lte=seq, changed_seq__lte=seq)[: MOST + 1]
        older += brought_back(feed, seq)[: MOST + 1]
    if len(created) > MOST or len(older) > MOST:
        return Replay(feed, reason="too_many")
    settle(feed, [*created, *older])
    shown = [current_frame(row, unread_count=unread_count(feed)) | {"replay": True} for row in created]
    return Replay(feed, shown, state_since(feed, seq, older))


def state_since(feed: Feed, seq: int, older: list[NotificationLog]) -> dict[str, Any] | None:
    """One frame for older notifications, at `seq` itself: what was created since is still to come."""
    ids: dict[str, Any] = {"all_up_to_seq": feed.read_up_to} if feed.read_all_seq > seq else {}
    for row in older:
        name = "archived_ids" if row.is_archived else "read_ids" if row.is_read else "unread_ids"
        ids.setdefault(name, []).append(row.pk)
    return state_frame(seq, unread_count=unread_count(feed), **ids) if ids else None


def changes(user_id: int, seq: int, epoch: str | None) -> Changes:
    """Up to MOST notifications that were created or changed since, by their last change, as they are now."""
    feed = read(user_id)
    if reason := gap(feed, seq, epoch):
        return Changes(feed, feed.top_seq, reason=reason)
    if feed.top_seq == seq:
        return Changes(feed, seq)
    found = covered(feed, seq)  # first: what is being folded is then found twice rather than never
    found += changed_since(feed, seq, read_all=True)[: MOST + 1]
    found += not_covered(feed, created_since(feed, seq).filter(changed_seq=F("seq")))[: MOST + 1]
    settle(feed, found)
    rows = sorted({row.pk: row for row in found}.values(), key=lambda row: (row.changed_seq, row.seq))[: MOST + 1]
    end = feed.top_seq
    if has_more := len(rows) > MOST:
        # What changed at one position is told whole or not at all.
        rows = [row for row in rows if row.changed_seq < rows[-1].changed_seq]
        if not rows:
            return Changes(feed, feed.top_seq, reason="too_many")
        end = rows[-1].changed_seq
    return Changes(feed, end, [current_frame(row, unread_count=unread_count(feed)) for row in rows], has_more)


def gap(feed: Feed, seq: int, epoch: str | None) -> str:
    """Why what happened since cannot be told, if it cannot."""
    if epoch is not None and epoch != feed.epoch:
        return "epoch"
    if seq > feed.top_seq:
        return "ahead"
    return "trimmed" if seq < feed.min_seq else ""


def created_since(feed: Feed, seq: int) -> QuerySet[NotificationLog]:
    """What was created up to the feed's position, oldest first; later positions are told later."""
    return inbox_rows(feed).filter(seq__gt=seq, seq__lte=feed.top_seq).order_by("seq")


def changed_since(feed: Feed, seq: int, *, read_all: bool = False) -> QuerySet[NotificationLog]:
    """What changed after it was created, by position; `read_all`: also what only the last read-all has changed."""
    rows = inbox_rows(feed).filter(changed_seq__gt=seq, changed_seq__lte=feed.top_seq)
    rows = not_covered(feed, rows.filter(changed_seq__gt=F("seq")))
    return (rows if read_all else rows.exclude(changed_seq=feed.read_all_seq)).order_by("changed_seq")


def spared(feed: Feed) -> QuerySet[NotificationLog]:
    """What the last read-all left unread, although it had arrived: it was marked as unread after that position."""
    up_to = feed.read_up_to
    return inbox_rows(feed).filter(seq__lte=up_to, changed_seq__gt=F("seq"), is_read=False, unread_seq__gt=up_to)


def brought_back(feed: Feed, seq: int) -> QuerySet[NotificationLog]:
    """What was marked as unread since, and then read by the read-all: it may have been archived before."""
    rows = inbox_rows(feed).filter(seq__lte=seq, changed_seq__gt=seq, changed_seq__lte=feed.top_seq, is_archived=False)
    return rows.filter(changed_seq__gt=F("seq"), unread_seq__gt=seq, unread_seq__lte=feed.read_up_to)


def covered(feed: Feed, seq: int) -> list[NotificationLog]:
    """What a read-all since then has changed, but is not written into the rows yet."""
    if feed.read_all_seq <= seq or feed.folded_up_to == feed.read_up_to:
        return []
    return list(inbox_rows(feed).filter(is_read=False, unread_seq__lte=feed.read_up_to)[: MOST + 1])


def not_covered(feed: Feed, rows: QuerySet[NotificationLog]) -> QuerySet[NotificationLog]:
    return rows.exclude(is_read=False, unread_seq__lte=feed.read_up_to)


def inbox_rows(feed: Feed) -> QuerySet[NotificationLog]:
    return NotificationLog.objects.filter(recipient_id=feed.pk, notification_type=SYSTEM)
