"""Taking due rows for sending. The database decides who gets a row; no transaction spans the network."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.models import ChannelCircuit, DeliveryStatus, NotificationLog

BATCH = 50
LEASE = timedelta(seconds=60)  # above the 30 s one send may take

PENDING, SENDING = DeliveryStatus.PENDING, DeliveryStatus.SENDING
UNCLAIMED = {"lease_until": None, "attempt_token": None}


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows this process holds, as long as it renews them before the lease ends."""

    token: uuid.UUID
    rows: list[NotificationLog]


def due(channels: Collection[str]) -> QuerySet[NotificationLog]:
    """Rows to be sent now: pending ones whose time has come, and those whose sender's lease ended."""
    now = timezone.now()
    waiting = Q(status=PENDING, next_attempt_at__lte=now) | Q(status=SENDING, lease_until__lte=now)
    return NotificationLog.objects.filter(waiting, notification_type__in=channels)


def channels_with_work(channels: Collection[str]) -> list[str]:
    """Those of `channels` that have rows due and are not switched off."""
    closed = ChannelCircuit.objects.filter(channel__in=channels, open_until__gt=timezone.now())
    off = set(closed.values_list("channel", flat=True))
    return [key for key in channels if key not in off and due([key]).exists()]


def claim(channel: str) -> Claim:
    """Claim up to BATCH due rows: a conditional UPDATE, past rows that others hold (SKIP LOCKED on PostgreSQL)."""
    token = uuid.uuid4()
    with transaction.atomic():
        found = due([channel]).order_by("next_attempt_at").select_for_update(skip_locked=True)
        keys = list(found.values_list("pk", flat=True)[:BATCH])
        due([channel]).filter(pk__in=keys).update(
            status=SENDING, lease_until=timezone.now() + LEASE, attempt_token=token
        )
    rows = NotificationLog.objects.filter(attempt_token=token).select_related("recipient", "ticket")
    return Claim(token, list(rows.order_by("next_attempt_at")))


def held(token: uuid.UUID, rows: Collection[NotificationLog]) -> QuerySet[NotificationLog]:
    """Those of `rows` that are still this claim's."""
    return NotificationLog.objects.filter(pk__in=[row.pk for row in rows], attempt_token=token, status=SENDING)


def renew(token: uuid.UUID, rows: Collection[NotificationLog]) -> bool:
    """Extend the leases of what is left of a claim; False when the first row has gone to somebody else."""
    count = held(token, rows).update(lease_until=timezone.now() + LEASE)
    return count == len(rows) or held(token, list(rows)[:1]).exists()


def give_back(token: uuid.UUID, rows: Collection[NotificationLog]) -> None:
    """Return unsent rows to the queue, due as they were."""
    held(token, rows).update(status=PENDING, **UNCLAIMED)
