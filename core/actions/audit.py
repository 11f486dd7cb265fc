"""Looks every 30 s after what others should have done by then, and shows that somebody looks."""

from datetime import timedelta

import structlog
from django.utils import timezone

from core.actions import alerts
from core.notifications import backlog, circuit, heartbeat, registry, stuck
from core.notifications.queue import deliver_due

OVERDUE = timedelta(minutes=1)  # six sweeps, or the lease of somebody who died

logger = structlog.get_logger(__name__)


def audit() -> None:
    """Wake whoever delivers what is due, tell of what only admins can mend, look at what waits while WhatsApp rests.

    The heartbeat comes last: it says that all of this went well.
    """
    began = timezone.now()
    deliver_due()
    for channel, number in overdue().items():
        logger.warning("deliveries_overdue", channel=channel, at_least=number)
    alerts.alert()
    stuck.look()
    heartbeat.beat(timezone.now() - began)


def overdue() -> dict[str, int]:
    """By channel, how many deliveries are late, where that is so; channels that rest are told of by themselves."""
    channels = registry.outgoing_channels()
    awake = [key for key in channels if key not in circuit.resting(channels)]
    found = {key: backlog.due(key, longer_than=OVERDUE) for key in awake}
    return {key: number for key, number in found.items() if number}
