"""What is written down for each mail that goes well, in SQL by hand: built anew by the ORM for each, the
statements take as long as the conversation with the mail server. On both databases the same.
"""

import time
import uuid
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from core.models import AttemptOutcome, DeliveryAttempt, DeliveryStatus, NotificationLog
from core.notifications import fallback
from core.notifications.carried import with_crew
from core.notifications.doubt import DOUBTFUL
from core.notifications.statements import Statement, run_together, stored

PAUSE = 0.5  # seconds
NOT_FOUND = "not_found"

logger = structlog.get_logger(__name__)

BEGIN = """
    INSERT INTO core_deliveryattempt (delivery_id, token, started_at, outcome, code, provider_id)
    SELECT id, attempt_token, %s, '', '', '' FROM core_notificationlog
    WHERE id = %s AND attempt_token = %s AND status = 'SENDING' RETURNING id
"""
FINISH = """
    UPDATE core_deliveryattempt SET finished_at = %s, outcome = %s, code = %s,
        provider_id = COALESCE(NULLIF(%s, ''), provider_id)
    WHERE id = %s
"""
SETTLE = """
    UPDATE core_notificationlog SET status = 'SENT', sent_at = %s, provider_id = %s, attempts = %s, error = '',
        next_attempt_at = NULL, lease_until = NULL, attempt_token = NULL,
        fallback_at = %s
    WHERE id = %s AND status IN ('PENDING', 'SENDING', 'FAILED', 'UNKNOWN')
        AND NOT EXISTS (SELECT 1 FROM core_deliveryattempt WHERE id = %s AND reported <> '')
"""


def begin(row: NotificationLog, token: uuid.UUID) -> DeliveryAttempt | None:
    """Write the attempt down before the network is touched; None when somebody else has the row by now."""
    now = timezone.now()
    return begun(row, token, now, run_together([beginning(row, token, now)]))


def finish(attempt: DeliveryAttempt, outcome: AttemptOutcome, code: str) -> None:
    """How an attempt ended that did not settle its delivery."""
    run_together([(FINISH, [stored(timezone.now()), outcome.value, code, "", attempt.pk])])


def first_tried(row: NotificationLog, attempts: int) -> datetime:
    """When the first of a row's last `attempts` began, which are all since it was written, or let go again.

    What waited for a digest or for quiet hours to end has not been tried in vain.
    """
    last = list(row.delivery_attempts.order_by("-pk").values_list("started_at", flat=True)[:attempts])
    return last[-1] if last else timezone.now()


def not_found(attempt: DeliveryAttempt) -> None:
    """The provider has none of the attempts before this one that were in doubt: only this one can still arrive."""
    before = DeliveryAttempt.objects.filter(
        delivery=attempt.delivery_id, pk__lt=attempt.pk, provider_id="", reported=""
    )
    before.filter(outcome__in=["", *DOUBTFUL]).update(code=NOT_FOUND)


def close(row: NotificationLog, code: str) -> None:
    """The attempts that were cut off have ended, too: nobody can tell how."""
    cut_off = DeliveryAttempt.objects.filter(delivery=row, outcome="")
    cut_off.update(finished_at=timezone.now(), outcome=AttemptOutcome.UNKNOWN, code=code)


def settle(attempt: DeliveryAttempt, provider_id: str, following: NotificationLog | None) -> DeliveryAttempt | None:
    """The provider took it, whoever holds the row by now, unless it has reported by now what became of it.

    In the same transaction, begin the attempt of the row that follows; but those that it carries have precedence.

    What happens to the row that follows does not touch this one: when it cannot be begun, the outcome is written alone.
    """
    now, row, token = timezone.now(), attempt.delivery, attempt.token
    late = fallback.due_at(row, DeliveryStatus.SENT, "", now)
    outcome = [
        (FINISH, [stored(now), AttemptOutcome.SENT.value, "", provider_id, attempt.pk]),
        (SETTLE, [stored(now), provider_id, row.attempts + 1, stored(late), row.pk, attempt.pk]),
    ]
    if following is not None and not row.crew:
        try:
            return begun(following, token, now, run_together([beginning(following, token, now), *outcome]))
        except (DatabaseError, InterfaceError):
            logger.exception("attempt_not_begun", delivery=following.pk, channel=following.notification_type)
    insist(with_crew(row, outcome), until=row.lease_until or now)
    return None


def insist(statements: list[Statement], *, until: datetime) -> None:
    """Write this although the database goes away for a moment: without it what has left would go again."""
    while True:
        try:
            run_together(statements)
        except (OperationalError, InterfaceError):
            if timezone.now() > until:
                raise
            time.sleep(PAUSE)
            close_old_connections()  # one that broke stays broken
        else:
            return


def beginning(row: NotificationLog, token: uuid.UUID, now: datetime) -> Statement:
    return BEGIN, [stored(now), row.pk, stored(token)]


def begun(row: NotificationLog, token: uuid.UUID, now: datetime, ids: list[tuple[Any, ...]]) -> DeliveryAttempt | None:
    return DeliveryAttempt(pk=ids[0][0], delivery=row, token=token, started_at=now) if ids else None
