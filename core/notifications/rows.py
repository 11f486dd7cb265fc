"""Writes what an announcement makes: its rows, and the feeds that gave them their positions."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import chain
from operator import attrgetter
from typing import Any

from django.db import connection

from core.models import Feed, NotificationLog
from core.notifications import positions
from core.notifications.statements import Statement, batches, marks, run_together, stored

# What the rows of a change say alike is sent once. Everybody's feed is locked meanwhile: with all of it in every row
# the database and its driver take three times as long.
SHARED = [
    *("dedupe_key", "event", "resource_type", "resource_id", "url", "subject", "message", "ticket_id"),
    *("ticket_snapshot", "actor", "is_internal", "is_critical", "created_at"),
]
OWN = ["recipient_id", "notification", "reason", "notification_type", "status", "link_key", "seq"]
# PENDING is due at once; DELIVERED has arrived.
INSERT = """
    INSERT INTO core_notificationlog (recipient_id, notification, reason, notification_type, status, link_key,
        seq, changed_seq, unread_seq, {shared}, next_attempt_at, sent_at, delivered_at,
        is_read, is_archived, attempts, provider_id, error)
    SELECT column1, column2{uuid}, column3, column4, column5, column6, column7, column7, column7, {values},
        CASE column5 WHEN 'PENDING' THEN %s{time} END, CASE column5 WHEN 'DELIVERED' THEN %s{time} END,
        CASE column5 WHEN 'DELIVERED' THEN %s{time} END, false, false, 0, '', ''
    FROM (VALUES {rows}) AS own RETURNING id
"""
# In the place of a literal PostgreSQL sees what is meant; in the rows of VALUES it has to be told.
CASTS = {"postgresql": {"uuid": "::uuid", "time": "::timestamptz"}}
NO_CASTS = {"uuid": "", "time": ""}

shared_by, own_of = attrgetter(*SHARED), attrgetter(*OWN)


def save(rows: list[NotificationLog], feeds: Collection[Feed]) -> None:
    """Insert the rows, which get their keys, and update the locked feeds; in one message where the database can."""
    groups = list(alike(rows))
    keys = run_together([*map(insert, groups), *positions.updates(feeds)])
    for row, (key,) in zip(chain.from_iterable(groups), keys, strict=True):
        row.pk = key


def alike(rows: list[NotificationLog]) -> Iterator[list[NotificationLog]]:
    """The rows of each change and language, at most as many as one statement takes."""
    groups: defaultdict[tuple[str, str], list[NotificationLog]] = defaultdict(list)
    for row in rows:
        groups[row.dedupe_key, row.message].append(row)
    for found in groups.values():
        yield from batches(found)


def insert(rows: list[NotificationLog]) -> Statement:
    """For rows of one change in one language."""
    shared = [stored(value) for value in shared_by(rows[0])]
    at = [stored(rows[0].created_at)] * 3
    own: list[Any] = [stored(value) for row in rows for value in own_of(row)]
    sql = INSERT.format(
        shared=", ".join(SHARED),
        values=", ".join(["%s"] * len(SHARED)),
        rows=marks(len(rows), len(OWN)),
        **CASTS.get(connection.vendor, NO_CASTS),
    )
    return sql, [*shared, *at, *own]
