"""Puts many claimed rows off at once: while a flood lines up, others wait for it."""

from collections.abc import Collection, Mapping

import structlog
from django.db import connection, transaction

from core.models import NotificationLog
from core.notifications.claims import SENDING
from core.notifications.statements import marks, returned, stored
from core.notifications.verdict import Verdict

UPDATE = """
    UPDATE core_notificationlog SET status = 'PENDING', error = late.column2, next_attempt_at = late.column3{time},
        lease_until = NULL, attempt_token = NULL
    FROM (VALUES {rows}) AS late WHERE id = late.column1 RETURNING id
"""
TIMES = {"postgresql": "::timestamptz"}

logger = structlog.get_logger(__name__)


def line_up(rows: Collection[NotificationLog], late: Mapping[int, Verdict]) -> set[int]:
    """Return which rows of a claim were put off: not those that the inbox, or somebody else, holds just now.

    Nobody is waited for, since an update of many rows waits in any order, and so would deadlock.
    """
    if not late:
        return set()
    first = next(iter(rows))
    mine = NotificationLog.objects.filter(pk__in=late, status=SENDING, attempt_token=first.attempt_token)
    with transaction.atomic(), connection.cursor() as cursor:
        free = list(mine.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
        if not free:
            return set()
        sql = UPDATE.format(rows=marks(len(free), 3), time=TIMES.get(connection.vendor, ""))
        cursor.execute(sql, [value for pk in free for value in (pk, late[pk].reason, stored(late[pk].until))])
        done = {pk for (pk,) in returned(cursor)}
    logger.info("deliveries_put_off", channel=first.notification_type, count=len(done))
    return done
