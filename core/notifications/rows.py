"""Writes what an announcement makes: its rows, and the feeds that gave them their positions."""

from collections.abc import Collection
from operator import attrgetter

from core.models import Feed, NotificationLog
from core.notifications import positions
from core.notifications.statements import Statement, batches, marks, run_together, stored

# What a new row says; what it says not is empty yet.
GIVEN = [
    *("recipient_id", "notification", "dedupe_key", "notification_type", "event", "reason", "resource_type"),
    *("resource_id", "url", "subject", "message", "ticket_id", "ticket_snapshot", "actor", "is_internal"),
    *("created_at", "seq", "changed_seq", "unread_seq", "is_read", "is_archived", "status", "next_attempt_at"),
    *("attempts", "sent_at", "delivered_at", "provider_id", "error", "link_key"),
]
INSERT = "INSERT INTO core_notificationlog ({}) VALUES {} RETURNING id"
values_of = attrgetter(*GIVEN)


def save(rows: list[NotificationLog], feeds: Collection[Feed]) -> None:
    """Insert the rows, which get their keys, and update the locked feeds; in one message where the database can."""
    first, *others = [insert(batch) for batch in batches(rows)]
    keys = run_together([first, *positions.updates(feeds)])
    for statement in others:
        keys += run_together([statement])
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key


def insert(rows: list[NotificationLog]) -> Statement:
    snapshots = {id(one): one for row in rows for one in (row.ticket_snapshot, row.actor)}
    texts = {key: stored(one) for key, one in snapshots.items()}  # the rows of a change share them
    values = [texts[id(value)] if id(value) in texts else stored(value) for row in rows for value in values_of(row)]
    return INSERT.format(", ".join(GIVEN), marks(len(rows), len(GIVEN))), values
