"""Deliveries to one person that go as one message: a digest, and what happens often on one resource.

The first of them is the carrier. Others are claimed and looked at like any other, and then wait for it: carried.py.
A carrier that may have been sent takes no more of them, so that none is thought to be said that was not.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_
from typing import NamedTuple

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core.models import NotificationLog
from core.notifications import fallback, letters, preferences, registry, review
from core.notifications.carried import AWAY, REASON
from core.notifications.channel import Channel
from core.notifications.claims import PENDING, SENDING, UNCLAIMED, Claim, claim_also, give_back
from core.notifications.outcomes import UNKNOWN_EVENT
from core.notifications.second_look import SecondLook, wishes
from core.notifications.statements import marks, stored
from core.notifications.verdict import put_off

MOST = 2_000  # for a claim, whose rows are of up to 50 people; what is left goes with the next
OURS = "SELECT id FROM core_notificationlog WHERE id IN {} AND attempt_token = %s AND status = 'SENDING' ORDER BY id"

logger = structlog.get_logger(__name__)


class Bundle(NamedTuple):
    """What the rows of one message have in common; a digest is of a person alone."""

    recipient_id: int
    event: str = ""
    resource_type: str = ""
    resource_id: int = 0

    def waiting(self) -> Q:
        """Others of it. Letters, which have no position, are in none."""
        if self.event:
            return Q(**self._asdict())
        return Q(recipient_id=self.recipient_id, seq__gt=0, is_critical=False, is_fallback=False)


def bundle_of(row: NotificationLog, look: SecondLook) -> Bundle | None:
    """Which bundle a row may carry others of, or go with; none once it may have been sent."""
    if row.event in letters.LETTERS or row.attempts or row.pk in look.unsure or row.pk in look.sent_before:
        return None
    if preferences.is_for_digest(wishes(row), row):
        return Bundle(row.recipient_id)
    often = registry.events()[row.event].together
    return Bundle(row.recipient_id, row.event, row.resource_type, row.resource_id) if often else None


def gather(
    channel: Channel, batch: Claim, rows: Collection[NotificationLog], look: SecondLook
) -> list[NotificationLog]:
    """Let carriers take with them what waits beside them; return those of a claim's `rows` that go themselves."""
    carriers: dict[Bundle, NotificationLog] = {}
    crews: defaultdict[int, list[NotificationLog]] = defaultdict(list)
    going = []
    for row in rows:
        try:
            drop_moot(row, channel, look)
        except Exception:
            # Of this row alone, as in review.py.
            logger.exception(review.STUCK, delivery=row.pk, channel=channel.key)
            continue
        bundle = bundle_of(row, look)
        if bundle in carriers and not row.crew:
            crews[carriers[bundle].pk].append(row)
            continue
        going.append(row)
        if bundle:
            carriers.setdefault(bundle, row)
    if not carriers:
        return going
    try:
        for bundle, row in others(channel, batch, carriers):
            crews[carriers[bundle].pk].append(row)
        attach(batch.token, {row.pk: row for row in going}, crews)
    except Exception:
        # Who carries whom is uncertain: until their leases end, none of those goes.
        logger.exception("bundles_stuck", channel=channel.key)
        unsettled = {row.pk for row in carriers.values()}
        return [row for row in going if row.pk not in unsettled]
    return going


def drop_moot(row: NotificationLog, channel: Channel, look: SecondLook) -> None:
    """What a row carries since an earlier attempt is looked at again, too.

    What this release does not know goes by itself: with a worker of the release that wrote it.
    """
    kept, now = [], timezone.now()
    for one in row.crew:
        known = one.event in registry.events()
        verdict = look.objection(one, channel) if known else put_off(UNKNOWN_EVENT, now)
        if verdict is None or (known and verdict.until):
            kept.append(one)
            continue
        late = fallback.due_at(one, *verdict[:2], now)
        left = {"status": verdict.status, "error": verdict.reason, "next_attempt_at": verdict.until}
        mine = NotificationLog.objects.filter(pk=one.pk, carried_by=row)
        mine.update(**left, carried_by=None, fallback_at=late, **UNCLAIMED)
    row.crew = kept


def others(channel: Channel, batch: Claim, bundles: Collection[Bundle]) -> list[tuple[Bundle, NotificationLog]]:
    """More of these bundles, claimed for the same batch: whatever waits, also if it was put off until later."""
    wanted = reduce(or_, [bundle.waiting() for bundle in bundles])
    carries = NotificationLog.objects.filter(carried_by=OuterRef("pk"))
    idle = Q(~Exists(carries), wanted, notification_type=channel.key, attempts=0, carried_by=None)
    more = claim_also(batch, idle, most=MOST)
    if not more.rows:
        return []
    look = SecondLook.at(more)
    found = [(bundle_of(row, look), row) for row in review.still_to_go(more.rows, channel, look)]
    give_back(batch.token, [row for bundle, row in found if bundle not in bundles])
    return [(bundle, row) for bundle, row in found if bundle is not None and bundle in bundles]


def attach(
    token: uuid.UUID, carriers: Mapping[int, NotificationLog], crews: Mapping[int, list[NotificationLog]]
) -> None:
    """Hang each crew on its carrier, as long as all are ours. What the inbox is changing just now is left for later."""
    if not crews:
        return
    keys = [row.pk for crew in crews.values() for row in crew]
    mine = NotificationLog.objects.filter(pk__in=keys, attempt_token=token, status=SENDING)
    away = {"status": PENDING, "error": REASON, "next_attempt_at": timezone.now() + AWAY}
    with transaction.atomic():
        ours = locked(token, crews)
        free = (
            set(mine.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)) if ours else set()
        )
        taken = {key: [row for row in crews[key] if row.pk in free] for key in ours}
        for key, crew in taken.items():
            mine.filter(pk__in=[row.pk for row in crew]).update(**away, carried_by=key, **UNCLAIMED)
    for key, crew in taken.items():
        carriers[key].crew = sorted([*carriers[key].crew, *crew], key=lambda row: row.pk)
    give_back(token, [row for key, crew in crews.items() for row in crew if key not in ours or row.pk not in free])


def locked(token: uuid.UUID, keys: Collection[int]) -> set[int]:
    """Those of these rows that are ours, until the end of the transaction: nobody else can claim them until then.

    The weakest lock that a claim cannot pass; the inbox, which holds rows while it waits for others, can.
    """
    sql = OURS.format(marks(1, len(keys))) + (" FOR KEY SHARE" if connection.vendor == "postgresql" else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, [*keys, stored(token)])
        return {key for (key,) in cursor.fetchall()}
