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
AWAY = timedelta(hours=25)  # longer than the carrier is tried; then they see for themselves what has become of it

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

# While the carrier is tried again, each falls back when it does.
WAIT = """
    UPDATE core_notificationlog SET fallback_at = (
            SELECT fallback_at FROM core_notificationlog carrier WHERE carrier.id = core_notificationlog.carried_by_id
        )
    WHERE carried_by_id = %s AND status = 'PENDING'
        AND (SELECT status FROM core_notificationlog carrier WHERE carrier.id = %s) = 'PENDING'
"""


def lock(recipient_id: int) -> Statement:
    return LOCK + (" FOR NO KEY UPDATE" if connection.vendor == "postgresql" else ""), [recipient_id]


def endings(carrier_id: int) -> list[Statement]:
    """Let those that this one carries end as it has ended, if it has."""
    both = [carrier_id, carrier_id]
    return [(END, both), (LET_GO, [stored(timezone.now()), *both]), (WAIT, both)]


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


def settle(carrier_id: int) -> None:
    """Let those that this one carries follow it, whatever it carries. In a transaction of its own."""
    first = NotificationLog.objects.filter(carried_by=carrier_id).first()
    if first is not None:
        run_together([lock(first.recipient_id), *endings(carrier_id)])


def objection(row: NotificationLog) -> Verdict | None:
    """Why a row that has come back by itself is not to be sent; nothing when its carrier was not sent either."""
    if row.carried_by_id is None:
        return None
    carrier = NotificationLog.objects.get(pk=row.carried_by_id)
    status = DeliveryStatus(carrier.status)
    if status in (DeliveryStatus.PENDING, DeliveryStatus.SENDING):
        return put_off(REASON, timezone.now() + AWAY)
    if status in (DeliveryStatus.CANCELLED, DeliveryStatus.SKIPPED):
        NotificationLog.objects.filter(pk=row.pk, attempt_token=row.attempt_token).update(carried_by=None)
        return None
    settle(carrier.pk)
    return Verdict(status, carrier.error)
