"""A NotificationLog of any size, and hand-written SQL for what an inbox shows of it."""

import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

COLUMNS = (
    "recipient_id, notification, dedupe_key, notification_type, event, reason, resource_type, resource_id, url,"
    " subject, message, created_at, seq, changed_seq, unread_seq, is_read, is_archived, status, attempts,"
    " provider_id, error, link_key"
)
FEED = "UPDATE core_feed SET top_seq = %s, unread = %s WHERE user_id = %s"

COUNT = """
    SELECT notification_type, event, count(*) FROM core_notificationlog
    WHERE recipient_id = %(user)s AND NOT is_read GROUP BY notification_type, event
"""
HOW_MANY = """
    SELECT count(*) FROM core_notificationlog
    WHERE recipient_id = %(user)s AND notification_type = 'SYSTEM' AND NOT is_read AND NOT is_archived
"""
PAGE = """
    WITH page AS (
        SELECT * FROM core_notificationlog
        WHERE recipient_id = %(user)s AND notification_type = 'SYSTEM' AND NOT is_read AND NOT is_archived
        ORDER BY id DESC LIMIT 20
    )
    SELECT page.*, 0 AS of FROM page
    UNION ALL
    SELECT other.*, 1 FROM core_notificationlog other JOIN page ON other.notification = page.notification
    WHERE other.notification_type <> 'SYSTEM' AND other.recipient_id = %(user)s
"""


def fill(server: "psycopg.Connection[Any]", people: Sequence[int], size: int) -> None:
    """A tenth of the rows are the first person's, a tenth the second's; a fifth of those is unread: newest, oldest."""
    newest, oldest, others = people
    share = size // 10
    unread = share // 5
    plan = [
        *((newest, seq, seq > share - unread) for seq in range(1, share + 1)),
        *((oldest, seq, seq <= unread) for seq in range(1, share + 1)),
        *((others, seq, False) for seq in range(1, size - 2 * share + 1)),
    ]
    with server.cursor() as cursor:
        with cursor.copy(f"COPY core_notificationlog ({COLUMNS}) FROM STDIN".encode()) as copy:
            for row in rows(plan):
                copy.write_row(row)
        for person, top in ((newest, share), (oldest, share), (others, size - 2 * share)):
            counts = {"SYSTEM": {"ticket_created": unread}} if person != others else {}
            cursor.execute(FEED, (top, json.dumps(counts), person))
        cursor.execute("VACUUM ANALYZE core_notificationlog")


def rows(plan: Sequence[tuple[int, int, bool]]) -> Iterator[tuple[object, ...]]:
    for person, seq, is_unread in plan:
        yield (
            person, uuid.uuid4(), f"made:{seq}", "SYSTEM", "ticket_created", "admin", "ticket", 1, "/api/tickets/1/",
            "INC-000001 created", "A ticket was created.", "2026-01-01T00:00:00Z", seq, seq, seq, not is_unread, False,
            "DELIVERED", 0, "", "", f"{person}-{seq}",
        )  # fmt: skip
