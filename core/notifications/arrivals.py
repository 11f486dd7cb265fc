"""Gives notifications that come their positions, in SQL: what positions.take(), stamp() and count() do for one.

So the database locks, numbers and writes by itself: whoever waits for a feed does not wait for Python, too.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.db import connection

from core.models import NotificationLog
from core.notifications.positions import TICK
from core.notifications.statements import Statement, batches, marks

COME = """
    UPDATE core_feed SET top_seq = top_seq + 1,
        inbox_count = CASE counted_seq WHEN top_seq THEN inbox_count + 1 ELSE inbox_count END,
        counted_seq = CASE counted_seq WHEN top_seq THEN counted_seq + 1 ELSE counted_seq END,
        state_at = {greatest}(%s, state_at + %s), unread_at = {greatest}(%s, state_at + %s), unread = {unread}
    WHERE user_id IN {people}
"""


class Dialect(NamedTuple):
    """What each database writes its own way; `one_more` is a channel's part of `unread`."""

    greatest: str
    unread: str
    one_more: str


DIALECTS = {
    "postgresql": Dialect(
        "GREATEST",
        "unread || jsonb_build_object({})",
        "'{channel}', COALESCE(unread->'{channel}', '{{}}')"
        " || jsonb_build_object('{event}', COALESCE((unread->'{channel}'->>'{event}')::int, 0) + 1)",
    ),
    "sqlite": Dialect(
        "MAX",
        "json_set(unread, {})",
        "'$.{channel}.{event}', COALESCE(json_extract(unread, '$.{channel}.{event}'), 0) + 1",
    ),
}


def come(rows: Sequence[NotificationLog]) -> Iterator[Statement]:
    """The statements that move the locked feeds for the rows of one change, at most one notification for each."""
    channels: defaultdict[int, list[str]] = defaultdict(list)
    for row in rows:
        channels[row.recipient_id].append(row.notification_type)
    people: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for user_id, keys in channels.items():
        people[tuple(keys)].append(user_id)
    for among, user_ids in people.items():
        for batch in batches(user_ids):
            yield one_more(batch, among, rows[0].event)


def one_more(user_ids: Sequence[int], channels: Sequence[str], event: str) -> Statement:
    """For people who are told on the same channels."""
    own = DIALECTS[connection.vendor]
    counts = ", ".join(own.one_more.format(channel=channel, event=event) for channel in channels)
    sql = COME.format(greatest=own.greatest, unread=own.unread.format(counts), people=marks(1, len(user_ids)))
    return sql, [*[time.time(), TICK] * 2, *user_ids]
