"""Tells the admins of what only they can mend."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core.domain.change import Change, Resource
from core.models import Bucket, ChannelCircuit
from core.models.notification import SYSTEM
from core.notifications import registry
from core.notifications.dispatch import announce

AT_MOST = timedelta(hours=1)  # apart, when a channel comes and goes


@transaction.atomic
def alert() -> None:
    """Of each channel that rests, once, and not over that channel; what came too soon is told when that is over."""
    now = timezone.now()
    for circuit in ChannelCircuit.objects.select_for_update().filter(alerted_at=None, open_until__gt=now):
        key = f"alert:{circuit.channel}"
        if not Bucket.objects.filter(key=key, full_at__gt=now).exists():
            announce(paused(circuit, now))
            Bucket.objects.update_or_create(key=key, defaults={"full_at": now + AT_MOST})
            ChannelCircuit.objects.filter(pk=circuit.pk).update(alerted_at=now)


def paused(circuit: ChannelCircuit, now: datetime) -> Change:
    others = [key for key in registry.outgoing_channels() if key != circuit.channel]
    return Change(
        event="channel_paused",
        key=f"channel_paused:{circuit.channel}:{circuit.opened_at or now:%Y-%m-%dT%H:%M:%S}",
        at=now,
        actor=None,
        resource=Resource("channel", 0, "/admin/core/channelcircuit/"),
        facts=(("channel", circuit.channel), ("code", circuit.code)),
        channels=(SYSTEM, *others),
    )
