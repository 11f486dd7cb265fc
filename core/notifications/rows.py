"""Writes what an announcement makes: its rows, and the feeds that give them their positions."""

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connection

from core.models import Feed, NotificationLog
from core.models.notification import SYSTEM
from core.notifications import arrivals, feed, positions
from core.notifications.statements import Statement, batches, marks, run_together, stored

# What the rows of a change say alike is sent once: with all of it in every row the database, which has locked
# everybody's feed by then, and its driver take three times as long.
SHARED = [
    *("dedupe_key", "event", "resource_type", "resource_id", "url", "subject", "message", "ticket_id"),
    *("ticket_snapshot", "actor", "is_internal", "is_critical", "created_at"),
]
OWN = ["recipient_id", "notification", "reason", "notification_type", "status", "link_key"]
# PENDING is due at once; DELIVERED has arrived.
INSERT = """
    INSERT INTO core_notificationlog (recipient_id, notification, reason, notification_type, status, link_key,
        seq, changed_seq, unread_seq, {shared}, next_attempt_at, sent_at, delivered_at,
        is_read, is_archived, attempts, provider_id, error)
    SELECT column1, column2{uuid}, column3, column4, column5, column6, top_seq, top_seq, top_seq, {values},
        CASE column5 WHEN 'PENDING' THEN %s{time} END, CASE column5 WHEN 'DELIVERED' THEN %s{time} END,
        CASE column5 WHEN 'DELIVERED' THEN %s{time} END, false, false, 0, '', ''
    FROM (VALUES {rows}) AS own JOIN core_feed ON user_id = column1 ORDER BY column7
    RETURNING link_key, id, seq,
        CASE notification_type WHEN 'SYSTEM' THEN (SELECT unread FROM core_feed WHERE user_id = recipient_id) END
"""
# In the place of a literal PostgreSQL sees what is meant; in the rows of VALUES it has to be told.
CASTS = {"postgresql": {"uuid": "::uuid", "time": "::timestamptz"}}
NO_CASTS = {"uuid": "", "time": ""}

shared_by, own_of = attrgetter(*SHARED), attrgetter(*OWN)


def save(rows: list[NotificationLog]) -> list[tuple[Any, ...]]:
    """Lock the feeds, move them and insert the rows, change by change; in one message where the database can.

    The answer is for inbox(), after the commit: until then others wait.
    """
    statements = [positions.locking({row.recipient_id for row in rows})]
    for _, of_one_change in groupby(rows, attrgetter("dedupe_key")):
        found = list(of_one_change)
        statements += [*arrivals.come(found), *map(insert, alike(found))]
    return run_together(statements)[-len(rows) :]  # what was locked comes first


def inbox(rows: list[NotificationLog], saved: list[tuple[Any, ...]]) -> Iterator[tuple[NotificationLog, int]]:
    """The rows of the inbox, which get their keys and positions, and how many are unread then."""
    found = {link_key: rest for link_key, *rest in saved}
    for row in rows:
        if row.notification_type == SYSTEM:
            row.pk, row.seq, unread = found[row.link_key]
            yield row, feed.unread_count(Feed(unread=json.loads(unread)))


def alike(rows: list[NotificationLog]) -> Iterator[list[NotificationLog]]:
    """The rows of one change in each language, at most as many as one statement takes."""
    groups: defaultdict[str, list[NotificationLog]] = defaultdict(list)
    for row in rows:
        groups[row.message].append(row)
    for found in groups.values():
        yield from batches(found)


def insert(rows: list[NotificationLog]) -> Statement:
    """For rows of one change in one language."""
    shared = [stored(value) for value in shared_by(rows[0])]
    at = [stored(rows[0].created_at)] * 3
    # With its place among them: a person's channels are shown by their keys, so in the order of the registry.
    own = [value for place, row in enumerate(rows) for value in (*map(stored, own_of(row)), place)]
    sql = INSERT.format(
        shared=", ".join(SHARED),
        values=", ".join(["%s"] * len(SHARED)),
        rows=marks(len(rows), len(OWN) + 1),
        **CASTS.get(connection.vendor, NO_CASTS),
    )
    return sql, [*shared, *at, *own]
