"""Taking due rows for sending. The database decides who gets a row; no transaction spans the network."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.models import ChannelCircuit, DeliveryStatus, NotificationLog

BATCH = 50
LEASE = timedelta(seconds=60)
NEEDED = timedelta(seconds=45)  # of it when a send begins: above the 40 s one may take

PENDING, SENDING = DeliveryStatus.PENDING, DeliveryStatus.SENDING
UNCLAIMED = {"lease_until": None, "attempt_token": None}


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows this process holds until the lease ends; each is kept while it is sent."""

    token: uuid.UUID
    rows: list[NotificationLog]


def waiting(channel: str) -> QuerySet[NotificationLog]:
    """Pending rows whose time has come."""
    return NotificationLog.objects.filter(
        notification_type=channel, status=PENDING, next_attempt_at__lte=timezone.now()
    ).order_by("next_attempt_at")


def abandoned(channel: str) -> QuerySet[NotificationLog]:
    """Rows whose sender let its lease end: it died, or hangs."""
    return NotificationLog.objects.filter(
        notification_type=channel, status=SENDING, lease_until__lte=timezone.now()
    ).order_by("lease_until")


def channels_with_work(channels: Collection[str]) -> list[str]:
    """Those of `channels` that have rows due and are not switched off."""
    closed = ChannelCircuit.objects.filter(channel__in=channels, open_until__gt=timezone.now())
    off = set(closed.values_list("channel", flat=True))
    return [key for key in channels if key not in off and (waiting(key).exists() or abandoned(key).exists())]


def claim(channel: str) -> Claim:
    """Claim up to BATCH due rows: a conditional UPDATE, past rows that others hold (SKIP LOCKED on PostgreSQL)."""
    token = uuid.uuid4()
    keys: list[int] = []
    with transaction.atomic():
        for found in (abandoned(channel), waiting(channel)):
            free = found.select_for_update(skip_locked=True)
            keys += list(free.values_list("pk", flat=True)[: BATCH - len(keys)])
        NotificationLog.objects.filter(pk__in=keys, status__in=[PENDING, SENDING]).update(
            status=SENDING, lease_until=timezone.now() + LEASE, attempt_token=token
        )
    rows = NotificationLog.objects.filter(pk__in=keys, attempt_token=token).select_related("recipient", "ticket")
    return Claim(token, list(rows.order_by("next_attempt_at")))


def held(token: uuid.UUID, row: NotificationLog) -> QuerySet[NotificationLog]:
    """The row, as long as it is this claim's. One at a time: updates of many would deadlock with the inbox's."""
    return NotificationLog.objects.filter(pk=row.pk, attempt_token=token, status=SENDING)


def keep(token: uuid.UUID, row: NotificationLog) -> bool:
    """Make sure that the lease lasts for one send; False when the row has gone to somebody else."""
    return lasts(row) or renew(token, row)


def lasts(row: NotificationLog) -> bool:
    """Whether the lease, as we took it, lasts for one send."""
    return row.lease_until is not None and row.lease_until > timezone.now() + NEEDED


def renew(token: uuid.UUID, row: NotificationLog) -> bool:
    """Extend the lease of a row before sending it; False when it has gone to somebody else."""
    return bool(held(token, row).update(lease_until=timezone.now() + LEASE))


def give_back(token: uuid.UUID, rows: Collection[NotificationLog]) -> None:
    """Return unsent rows to the queue, due as they were."""
    for row in rows:
        held(token, row).update(status=PENDING, **UNCLAIMED)
