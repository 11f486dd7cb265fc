"""Taking due rows for sending. The database decides who gets a row; no transaction spans the network."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from core.models import DeliveryStatus, NotificationLog
from core.notifications import circuit

BATCH = 50
LEASE = timedelta(seconds=60)
NEEDED = timedelta(seconds=45)  # of it when a send begins: above the 40 s one may take

PENDING, SENDING = DeliveryStatus.PENDING, DeliveryStatus.SENDING
UNCLAIMED = {"lease_until": None, "attempt_token": None}

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows this process holds until the lease ends; each is kept while it is sent."""

    token: uuid.UUID
    rows: list[NotificationLog]


def waiting(channel: str, **which: bool) -> QuerySet[NotificationLog]:
    """Pending rows whose time has come."""
    return NotificationLog.objects.filter(
        notification_type=channel, status=PENDING, next_attempt_at__lte=timezone.now(), **which
    ).order_by("next_attempt_at")


def abandoned(channel: str, **which: bool) -> QuerySet[NotificationLog]:
    """Rows whose sender let its lease end: it died, or hangs."""
    return NotificationLog.objects.filter(
        notification_type=channel, status=SENDING, lease_until__lte=timezone.now(), **which
    ).order_by("lease_until")


def only(urgent: bool) -> dict[str, bool]:
    return {"is_critical": True} if urgent else {}


def channels_with_work(channels: Collection[str], *, urgent: bool = False) -> list[str]:
    """Those of `channels` that have rows due, critical ones if it is `urgent`, and that do not rest."""
    which, off = only(urgent), circuit.resting(channels)
    return [
        key
        for key in channels
        if key not in off and (waiting(key, **which).exists() or abandoned(key, **which).exists())
    ]


def claim(channel: str, *, urgent: bool = False, most: int = BATCH) -> Claim:
    """Claim up to `most` due rows: a conditional UPDATE, past rows that others hold (SKIP LOCKED on PostgreSQL).

    Critical ones first, and only those if it is `urgent`; before them what somebody began and left.
    """
    token = uuid.uuid4()
    keys: list[int] = []
    due = [abandoned(channel, **only(urgent)), waiting(channel, is_critical=True)]
    if not urgent:
        due.append(waiting(channel, is_critical=False))
    with transaction.atomic():
        for found in due:
            free = found.select_for_update(skip_locked=True)
            keys += list(free.values_list("pk", flat=True)[: most - len(keys)])
        take(token, keys)
    return Claim(token, list(taken(token, keys).order_by("-is_critical", "next_attempt_at", "pk")))


def claim_also(batch: Claim, wanted: Q, *, most: int) -> Claim:
    """Claim more for a batch: pending rows, whether or not their time has come.

    Everybody's first, then everybody's second, and so on: who has many leaves the others theirs.
    """
    turn = Window(RowNumber(), partition_by="recipient_id", order_by="pk")
    pending = NotificationLog.objects.filter(wanted, status=PENDING)
    next_ones = pending.annotate(turn=turn).order_by("turn", "pk").values("pk")[:most]
    with transaction.atomic():
        free = pending.filter(pk__in=next_ones).select_for_update(skip_locked=True, of=["self"])
        keys = list(free.order_by("pk").values_list("pk", flat=True))
        take(batch.token, keys)
    return Claim(batch.token, list(taken(batch.token, keys).order_by("pk")))


def take(token: uuid.UUID, keys: Collection[int]) -> None:
    """Lease rows that were found free, in the transaction that holds them."""
    NotificationLog.objects.filter(pk__in=keys, status__in=[PENDING, SENDING]).update(
        status=SENDING, lease_until=timezone.now() + LEASE, attempt_token=token
    )


def taken(token: uuid.UUID, keys: Collection[int]) -> QuerySet[NotificationLog]:
    """The rows that were leased, with what the second look asks of each."""
    return with_what_decides(NotificationLog.objects.filter(pk__in=keys, attempt_token=token))


def held_by_others(batch: Claim, wanted: Q) -> QuerySet[NotificationLog]:
    """Rows that another claim holds just now, and that have not been tried before."""
    held = NotificationLog.objects.filter(wanted, status=SENDING, lease_until__gt=timezone.now(), attempts=0)
    return held.exclude(attempt_token=batch.token)


def with_what_decides(rows: QuerySet[NotificationLog]) -> QuerySet[NotificationLog]:
    """Rows with what the second look asks of each."""
    return rows.select_related("recipient__preference", "recipient__feed", "ticket")


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
    """Return unsent rows to the queue, due as they were; one that cannot be is taken again after its lease."""
    for row in rows:
        try:
            held(token, row).update(status=PENDING, **UNCLAIMED)
        except DatabaseError:
            logger.exception("delivery_not_given_back", delivery=row.pk, channel=row.notification_type)
