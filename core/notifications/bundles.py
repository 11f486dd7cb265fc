"""Deliveries to one person that go as one message: a digest, and what happens often on one resource.

The first of them is the carrier. Others are claimed and looked at like any other, and then wait for it: carried.py.
A carrier that may have been sent takes no more of them, so that none is thought to be said that was not.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import reduce
from operator import or_

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core.models import NotificationLog
from core.notifications import fallback, outcomes, registry, review
from core.notifications.bundle import Bundle, bundle_of
from core.notifications.carried import AWAY, REASON
from core.notifications.channel import Channel
from core.notifications.claims import PENDING, SENDING, UNCLAIMED, Claim, claim_also, give_back
from core.notifications.rivals import digests_elsewhere, leave
from core.notifications.second_look import SecondLook
from core.notifications.statements import marks, stored
from core.notifications.verdict import put_off

MOST = 5_000  # for a claim, whose rows are of up to 50 people: each gets 100 at least; what is left goes with the next
OURS = "SELECT id FROM core_notificationlog WHERE id IN {} AND attempt_token = %s AND status = 'SENDING' ORDER BY id"

logger = structlog.get_logger(__name__)

Crews = defaultdict[int, list[NotificationLog]]


def gather(
    channel: Channel, batch: Claim, rows: Collection[NotificationLog], look: SecondLook
) -> list[NotificationLog]:
    """Let carriers take with them what waits beside them; return those of a claim's `rows` that go themselves."""
    carriers: dict[Bundle, NotificationLog] = {}
    crews: Crews = defaultdict(list)
    going = []
    for row in with_crews_looked_at(rows, channel, look):
        bundle = bundle_of(row, look)
        if bundle in carriers and not row.crew:
            crews[carriers[bundle].pk].append(row)
            continue
        going.append(row)
        if bundle:
            carriers.setdefault(bundle, row)
    unsettled = {row.pk for row in carriers.values()}
    try:
        left = take_along(channel, batch, carriers, crews) if carriers else set()
    except Exception:
        # Who carries whom is uncertain: until their leases end, none of those goes.
        logger.exception("bundles_stuck", channel=channel.key)
        return [row for row in going if row.pk not in unsettled]
    return [row for row in going if row.pk not in left]


def with_crews_looked_at(
    rows: Collection[NotificationLog], channel: Channel, look: SecondLook
) -> Iterator[NotificationLog]:
    for row in rows:
        try:
            drop_moot(row, channel, look)
        except Exception:
            # Of this row alone, as in review.py.
            logger.exception(review.STUCK, delivery=row.pk, channel=channel.key)
            continue
        yield row


def take_along(channel: Channel, batch: Claim, carriers: dict[Bundle, NotificationLog], crews: Crews) -> set[int]:
    """Fill the crews of these carriers and hang them on; return which rows were left to other claims instead.

    Looked for twice: what another claim lets go while we claim is missed by the one look or the other, never by both.
    """
    held = digests_elsewhere(channel, batch, carriers)
    more = claim_more(channel, batch, [bundle for bundle in carriers if bundle not in held])
    held |= digests_elsewhere(channel, batch, carriers)
    for bundle, row in fitting(channel, batch, more, carriers):
        crews[carriers[bundle].pk].append(row)
    left = {bundle: [row, *crews.pop(row.pk, [])] for bundle, row in carriers.items() if bundle in held}
    attach(batch.token, {row.pk: row for row in carriers.values()}, crews)
    leave(left, held)
    return {row.pk for rows in left.values() for row in rows}


def drop_moot(row: NotificationLog, channel: Channel, look: SecondLook) -> None:
    """What a row carries since an earlier attempt is looked at again, too.

    What this release does not know goes by itself: with a worker of the release that wrote it.
    """
    kept, now = [], timezone.now()
    for one in row.crew:
        known = one.event in registry.events()
        verdict = look.objection(one, channel) if known else put_off(outcomes.UNKNOWN_EVENT, now)
        if verdict is None or (known and verdict.until):
            kept.append(one)
            continue
        late = fallback.due_at(one, *verdict[:2], now)
        left = {"status": verdict.status, "error": verdict.reason, "next_attempt_at": verdict.until}
        mine = NotificationLog.objects.filter(pk=one.pk, carried_by=row)
        mine.update(**left, carried_by=None, fallback_at=late, **UNCLAIMED)
    row.crew = kept


def claim_more(channel: Channel, batch: Claim, bundles: Collection[Bundle]) -> Claim:
    """More of these bundles, for the same batch: whatever waits, also if it was put off until later."""
    if not bundles:
        return Claim(batch.token, [])
    wanted = reduce(or_, [bundle.waiting() for bundle in bundles])
    carries = NotificationLog.objects.filter(carried_by=OuterRef("pk"))
    idle = Q(~Exists(carries), wanted, notification_type=channel.key, attempts=0, carried_by=None)
    return claim_also(batch, idle, most=MOST)


def fitting(
    channel: Channel, batch: Claim, more: Claim, bundles: Collection[Bundle]
) -> list[tuple[Bundle, NotificationLog]]:
    """Those claimed more that are still to go, and with what; those that go with nothing after all go back."""
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
