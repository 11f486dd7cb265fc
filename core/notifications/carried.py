"""Deliveries that are said in the message of another: they end as their carrier ends, in the same transaction.

A carrier that is not sent after all lets them go. The person's feed is locked first, as by everybody who changes
several rows of somebody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from core.models import DeliveryStatus, NotificationLog
from core.notifications.statements import Statement, run_together, stored
from core.notifications.verdict import Verdict, put_off

REASON = "carried"
AWAY = timedelta(hours=25)  # longer than the carrier is tried
UNDECIDED = [DeliveryStatus.PENDING, DeliveryStatus.SENDING]

LOCK = "SELECT user_id FROM core_feed WHERE user_id = %s"
END = """
    UPDATE core_notificationlog SET (status, sent_at, delivered_at, provider_id, error, fallback_at) = (
            SELECT status, sent_at, delivered_at, provider_id, error, fallback_at
            FROM core_notificationlog carrier WHERE carrier.id = core_notificationlog.carried_by_id
        ), next_attempt_at = NULL, lease_until = NULL, attempt_token = NULL
    WHERE carried_by_id = %s AND (SELECT status FROM core_notificationlog carrier WHERE carrier.id = %s)
        IN ('SENT', 'DELIVERED', 'READ', 'FAILED', 'UNKNOWN')
"""
LET_GO = """
    UPDATE core_notificationlog SET carried_by_id = NULL, error = '', next_attempt_at = %s
    WHERE carried_by_id = %s AND status = 'PENDING'
        AND (SELECT status FROM core_notificationlog carrier WHERE carrier.id = %s) IN ('CANCELLED', 'SKIPPED')
"""

# What goes again takes them along, also when it had been sent or given up; each falls back when it does.
AGAIN = """
    UPDATE core_notificationlog SET status = 'PENDING', error = %s, next_attempt_at = %s, fallback_at = (
            SELECT fallback_at FROM core_notificationlog carrier WHERE carrier.id = core_notificationlog.carried_by_id
        )
    WHERE carried_by_id = %s AND status IN ('PENDING', 'SENT', 'FAILED', 'UNKNOWN')
        AND (SELECT status FROM core_notificationlog carrier WHERE carrier.id = %s) = 'PENDING'
"""


def lock(recipient_id: int) -> Statement:
    return LOCK + (" FOR NO KEY UPDATE" if connection.vendor == "postgresql" else ""), [recipient_id]


def endings(carrier_id: int) -> list[Statement]:
    """Let those that this one carries end as it has ended, if it has."""
    both, now = [carrier_id, carrier_id], timezone.now()
    return [(END, both), (LET_GO, [stored(now), *both]), (AGAIN, [REASON, stored(now + AWAY), *both])]


def with_crew(row: NotificationLog, statements: list[Statement]) -> list[Statement]:
    """Statements that move a row, and then those that it carries."""
    return [lock(row.recipient_id), *statements, *endings(row.pk)] if row.crew else statements


@contextmanager
def along(row: NotificationLog) -> Iterator[None]:
    """Inside, a row is moved; those that it carries follow."""
    if not row.crew:
        yield
        return
    with transaction.atomic():
        run_together([lock(row.recipient_id)])
        yield
        run_together(endings(row.pk))


def hold(carrier_id: int) -> bool:
    """Lock the feed of those that this one carries, before it is moved; False when it carries none."""
    first = NotificationLog.objects.filter(carried_by=carrier_id).first()
    if first is None:
        return False
    run_together([lock(first.recipient_id)])
    return True


def settle(carrier_id: int) -> None:
    """Let those that this one carries follow it, in the transaction that held them and has moved it."""
    run_together(endings(carrier_id))


def objection(row: NotificationLog) -> Verdict | None:
    """Why a row that has come back by itself is not to be sent; nothing when its carrier has ended without it.

    Who knows what a carrier carries ends both together. A worker of the release before, which does not, has sent it
    alone.
    """
    if row.carried_by_id is None:
        return None
    if NotificationLog.objects.filter(pk=row.carried_by_id, status__in=UNDECIDED).exists():
        return put_off(REASON, timezone.now() + AWAY)
    NotificationLog.objects.filter(pk=row.pk, attempt_token=row.attempt_token).update(carried_by=None)
    return None
