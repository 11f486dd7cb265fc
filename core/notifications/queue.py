"""The Celery tasks: wake-ups only. They carry no data; the database says what is due."""

import structlog
from celery import shared_task
from django.conf import settings

from core.notifications import deliver, positions, registry
from core.notifications.claims import channels_with_work
from core.notifications.lane import lane

logger = structlog.get_logger(__name__)


@shared_task(name="core.deliver_due")
def deliver_due() -> None:
    """Wake every channel that has something due, each by a message of its own."""
    for key in channels_with_work(registry.outgoing_channels()):
        wake(key)


@shared_task(name="core.drain")
def drain(channel: str) -> None:
    """Send everything that is due on one channel."""
    lane(channel).run(lambda: deliver.drain(channel, more_hands=lambda: ask_for_help(channel)))


def ask_for_help(channel: str) -> None:
    """Wake one more; without a broker whoever asks goes on alone."""
    try:
        wake(channel)
    except Exception as error:  # noqa: BLE001 - whatever it is, claimed rows are waiting to be sent
        logger.warning("help_not_asked", channel=channel, error=type(error).__name__)


def wake(channel: str) -> None:
    """Ask whichever worker has a thread free to drain a channel."""
    drain.apply_async((channel,), retry=False, expires=settings.SWEEP_SECONDS)


@shared_task(name="core.fold")
def fold() -> None:
    """Write read-alls into their rows."""
    positions.fold_all()
