"""Tells the admins of what only they can mend."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core.domain.change import Change, Resource
from core.models import ChannelCircuit
from core.models.notification import SYSTEM
from core.notifications import registry
from core.notifications.dispatch import announce


@transaction.atomic
def alert() -> None:
    """Of each channel that rests, once, and not over that channel; at most once an hour when it comes and goes."""
    now = timezone.now()
    news = list(ChannelCircuit.objects.select_for_update().filter(alerted_at=None, open_until__gt=now))
    announce(*[paused(circuit, now) for circuit in news])
    ChannelCircuit.objects.filter(pk__in=[circuit.pk for circuit in news]).update(alerted_at=now)


def paused(circuit: ChannelCircuit, now: datetime) -> Change:
    others = [key for key in registry.outgoing_channels() if key != circuit.channel]
    return Change(
        event="channel_paused",
        key=f"channel_paused:{circuit.channel}:{now:%Y-%m-%dT%H}",
        at=now,
        actor=None,
        resource=Resource("channel", 0, "/admin/core/channelcircuit/"),
        facts=(("channel", circuit.channel), ("code", circuit.code)),
        channels=(SYSTEM, *others),
    )
