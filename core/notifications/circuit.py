"""Switches a channel off for a while: its settings are wrong, or its provider is down for everybody.

After a while one message probes it: the first answer of the provider closes the circuit, no answer doubles the wait.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.models import ChannelCircuit, NotificationLog
from core.notifications.channel import Ambiguous, DeliveryError, Misconfigured, Permanent, Unknown
from core.notifications.retry import CIRCUIT

FAILURES = 5  # so many deliveries in a row, in one process, that no answer came for
LONGEST = timedelta(minutes=10)
ENOUGH = 4  # doublings until the longest
PROBE = timedelta(seconds=60)  # above the 40 s one send may take
OUTAGES = {"connection", "connection_lost", "timeout", "no_answer", "provider_failed", "421", "503"}

logger = structlog.get_logger(__name__)

_unanswered: dict[str, set[int]] = {}  # by channel: the deliveries since the provider's last answer
_probing: set[str] = set()  # channels that this process probes


class Rests(Exception):
    """The channel rests from now on: nothing more is sent on it."""


def resting(channels: Collection[str]) -> set[str]:
    """Those on which nothing may be begun now: they rest, or somebody else probes them."""
    now = timezone.now()
    off = ChannelCircuit.objects.filter(Q(open_until__gt=now) | Q(probing_until__gt=now), channel__in=channels)
    return set(off.values_list("channel", flat=True))


def is_open(channel: str) -> bool:
    """Whether it rests, or has not been shown to be well again yet."""
    return ChannelCircuit.objects.filter(channel=channel).exists()


@contextmanager
def passage(channel: str, most: int) -> Iterator[int]:
    """How many messages may be begun: `most`, only one where that probes the channel, or none."""
    found = ChannelCircuit.objects.filter(channel=channel)
    if not is_open(channel):
        yield most
        return
    now = timezone.now()
    half_open = found.filter(Q(probing_until=None) | Q(probing_until__lte=now), open_until__lte=now)
    if not half_open.update(probing_until=now + PROBE):
        yield 0
        return
    _probing.add(channel)
    try:
        yield 1
    finally:
        _probing.discard(channel)
        found.filter(probing_until=now + PROBE).update(probing_until=None)  # what was to probe it did not leave


def answered(channel: str) -> None:
    """The provider answered, whatever it said: it is there, and takes our settings."""
    if unanswered := _unanswered.get(channel):
        unanswered.clear()
    if channel in _probing:
        ChannelCircuit.objects.filter(channel=channel).delete()
        logger.info("circuit_closed", channel=channel)


def failed(row: NotificationLog, error: DeliveryError) -> None:
    """Raises `Rests` when the channel rests because of this, or does already."""
    channel = row.notification_type
    if isinstance(error, Misconfigured):
        rest(channel, error.code)
    if not is_outage(error):
        return answered(channel)
    unanswered = _unanswered.setdefault(channel, set())
    unanswered.add(row.pk)
    if channel in _probing or len(unanswered) >= FAILURES:
        rest(channel, error.code)
    return None


def is_outage(error: DeliveryError) -> bool:
    """Whether it would have failed for anybody: the provider was not reached, said nothing, or failed itself.

    A number that leaves open whether a message was taken stands for the provider's own failure (HTTP 5xx).
    """
    if isinstance(error, Permanent):
        return False
    return error.code in OUTAGES or (isinstance(error, Ambiguous | Unknown) and error.code.isdecimal())


def rest(channel: str, code: str) -> None:
    """Open the circuit, for twice as long as the last time when the probe failed. Raises `Rests`.

    What counted until now has had its effect: it may be another process that finds the provider well again.
    """
    _unanswered.pop(channel, None)
    now = timezone.now()
    first = {"code": code, "open_until": now + CIRCUIT, "opened_at": now}
    with transaction.atomic():
        locked = ChannelCircuit.objects.select_for_update()
        circuit, is_new = locked.get_or_create(channel=channel, defaults=first)
        opens = is_new or circuit.open_until <= now
        if opens and not is_new:
            circuit.code, circuit.probing_until = code, None
            circuit.open_until = now + min(CIRCUIT * 2 ** min(circuit.openings, ENOUGH), LONGEST)
            circuit.openings += 1
            circuit.save()
    if opens:
        logger.warning("circuit_opened", channel=channel, code=code, until=circuit.open_until.isoformat())
    raise Rests(channel)
