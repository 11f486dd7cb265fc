"""How much may leave: token buckets for each person and for each channel, and once a minute what is said together.

A bucket is one time, at which it will be full again (the generic cell rate algorithm): a token moves it on. Whoever
finds none gets the next one, in line: the row is put off until then, and goes then without asking again. So each row is
put off once, however many wait, and none overtakes another.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.models import Bucket, NotificationLog
from core.notifications import letters, registry
from core.notifications.statements import marks, stored
from core.notifications.verdict import Verdict, put_off

MINUTE = timedelta(minutes=1)
SLOT = MINUTE  # how long a place in line is good for; who comes later passes by a bucket for those who are late
TIDIED = 1_000  # buckets at a time

# Makes those that are missing, full; locks them all, in the order of their keys.
LOCK = """
    INSERT INTO core_bucket (key, full_at) VALUES {rows}
    ON CONFLICT (key) DO UPDATE SET full_at = core_bucket.full_at RETURNING key, full_at
"""


class Limit(NamedTuple):
    """`burst` at once, and one more after each `interval`. `lines_up`: whoever finds no token gets the next one; else
    who goes without one leaves none owed, since whatever waits goes with the next.

    `late`: for who has missed a turn there is a bucket more, of the same rate, that those in line take nothing from.
    """

    key: str
    reason: str
    burst: int
    interval: timedelta
    lines_up: bool = True
    late: bool = False

    @property
    def keys(self) -> list[str]:
        return [self.key, f"late:{self.key}"] if self.late else [self.key]


def limits(row: NotificationLog) -> list[Limit]:
    """What a row needs a token of, in this order."""
    channel, person, found = row.notification_type, row.recipient_id, []
    if row.attempts == 0 and (event := registry.events().get(row.event)) and event.together:
        key = f"merge:{person}:{channel}:{row.event}:{row.resource_type}-{row.resource_id}"
        found.append(Limit(key, "merging", 1, MINUTE, lines_up=False))
    rates = [
        (f"recipient:{person}:{channel}", "rate_limited", settings.RATE_PER_RECIPIENT),
        (f"channel:{channel}", "channel_rate_limited", settings.RATE_PER_CHANNEL.get(channel, 0)),
    ]
    return found + [Limit(key, reason, rate, MINUTE / rate) for key, reason, rate in rates if rate]


def in_time(rows: Collection[NotificationLog]) -> dict[int, Verdict]:
    """Take the tokens that rows need; by row, until when those without one are put off.

    What is critical, and a letter, which somebody is waiting for, takes tokens but never waits.
    """
    now = timezone.now()
    wanted = {row.pk: missing(row, now) for row in rows}
    keys = sorted({key for found in wanted.values() for limit in found for key in limit.keys})
    if not keys:
        return {}
    late = {}
    with transaction.atomic():
        before = locked(keys, now)
        full_at = dict(before)
        for row in rows:
            waits = not (row.is_critical or row.event in letters.LETTERS)
            if verdict := take(wanted[row.pk], full_at, now, waits=waits):
                late[row.pk] = verdict
        taken = [Bucket(key=key, full_at=at) for key, at in full_at.items() if at != before[key]]
        Bucket.objects.bulk_create(taken, update_conflicts=True, unique_fields=["key"], update_fields=["full_at"])
    return late


def missing(row: NotificationLog, now: datetime) -> list[Limit]:
    """Its limits, without those that it has passed: the last of them is the one whose turn it has been put off for."""
    found = limits(row)
    had = [place for place, limit in enumerate(found) if limit.lines_up and limit.reason == row.error]
    if row.next_attempt_at is None or not had:
        return found
    turn, *others = found[had[0] :]
    return others if now <= row.next_attempt_at + SLOT else [turn._replace(late=True), *others]


def take(wanted: list[Limit], full_at: dict[str, datetime], now: datetime, *, waits: bool) -> Verdict | None:
    """Take a token of each limit, up to the one that has none now."""
    for limit in wanted:
        then = {key: max(full_at[key], now) + limit.interval for key in limit.keys}
        full = limit.burst * limit.interval
        free = next((key for key in limit.keys if then[key] - full <= now), None)
        goes = free is not None or not waits
        key = free or limit.key
        if goes or limit.lines_up:
            full_at[key] = then[key] if limit.lines_up else now + limit.interval
        if not goes:
            return put_off(limit.reason, then[key] - full)
    return None


def locked(keys: list[str], now: datetime) -> dict[str, datetime]:
    """When each bucket is full, until the end of the transaction."""
    sql = LOCK.format(rows=marks(len(keys), 2))
    return {one.key: one.full_at for one in Bucket.objects.raw(sql, [v for key in keys for v in (key, stored(now))])}


def tidy(now: datetime) -> None:
    """Delete buckets that are full: they say no more than none. Past those in use, so that nobody waits for another."""
    while True:
        with transaction.atomic():
            full = Bucket.objects.filter(full_at__lte=now).select_for_update(skip_locked=True)
            keys = list(full.values_list("key", flat=True)[:TIDIED])
            Bucket.objects.filter(key__in=keys).delete()
        if len(keys) < TIDIED:
            return
