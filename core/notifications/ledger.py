"""What is written down for each mail that goes well, in SQL by hand: built anew by the ORM for each, the
statements take as long as the conversation with the mail server. On both databases the same.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from core.models import AttemptOutcome, DeliveryAttempt, NotificationLog

BEGIN = """
    INSERT INTO core_deliveryattempt (delivery_id, token, started_at, outcome, code, provider_id)
    SELECT id, attempt_token, %s, '', '', '' FROM core_notificationlog
    WHERE id = %s AND attempt_token = %s AND status = 'SENDING' RETURNING id
"""
FINISH = "UPDATE core_deliveryattempt SET finished_at = %s, outcome = %s, code = %s, provider_id = %s WHERE id = %s"
SETTLE = """
    UPDATE core_notificationlog SET status = 'SENT', sent_at = %s, provider_id = %s, attempts = %s, error = '',
        next_attempt_at = NULL, lease_until = NULL, attempt_token = NULL
    WHERE id = %s AND status IN ('PENDING', 'SENDING', 'FAILED', 'UNKNOWN')
"""


def begin(row: NotificationLog, token: uuid.UUID) -> DeliveryAttempt | None:
    """Write the attempt down before the network is touched; None when somebody else has the row by now."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, [stored(now), row.pk, token.hex])
        found = cursor.fetchone()
    return DeliveryAttempt(pk=found[0], delivery=row, token=token, started_at=now) if found else None


def finish(
    attempt: DeliveryAttempt, outcome: AttemptOutcome, *, code: str = "", provider_id: str = "", settles: bool = False
) -> None:
    """How an attempt ended; one that settles its delivery does so whoever holds the row by now."""
    now, row = stored(timezone.now()), attempt.delivery
    statements = [(FINISH, [now, outcome.value, code, provider_id, attempt.pk])]
    if settles:
        statements.append((SETTLE, [now, provider_id, row.attempts + 1, row.pk]))
    together(statements)


def together(statements: Sequence[tuple[str, list[Any]]]) -> None:
    """Run these in one transaction: on PostgreSQL one message is one, without waiting for each answer."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                ";".join(sql for sql, _ in statements), [value for _, values in statements for value in values]
            )
            return
        with transaction.atomic():
            for sql, values in statements:
                cursor.execute(sql, values)


def stored(moment: datetime) -> Any:
    """A time as this database keeps it."""
    return connection.ops.adapt_datetimefield_value(moment)
