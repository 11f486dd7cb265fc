"""The Celery tasks: wake-ups only. They carry no data; the database says what is due."""

import structlog
from celery import shared_task
from django.conf import settings

from core.notifications import deliver, fallback, positions, registry
from core.notifications.claims import channels_with_work
from core.notifications.lane import lane

logger = structlog.get_logger(__name__)


@shared_task(name="core.deliver_due")
def deliver_due() -> None:
    """Wake every channel that has something due, each by a message of its own; first for what is critical.

    After that, also for the mails that go because WhatsApp has not got through: they hold nobody else up.
    """
    channels = channels_with_work(registry.outgoing_channels())
    for key in channels_with_work(channels, urgent=True):
        wake(key, urgent=True)
    for key in channels:
        wake(key)
    if fallback.due():
        wake(fallback.TO)


@shared_task(name="core.drain")
def drain(channel: str, *, urgent: bool = False) -> None:
    """Send everything that is due on one channel, or what is critical, in a lane of its own."""

    def run() -> None:
        deliver.drain(channel, urgent=urgent, more_hands=lambda: ask_for_help(channel, urgent=urgent))

    lane(channel, urgent=urgent).run(run)


def ask_for_help(channel: str, *, urgent: bool) -> None:
    """Wake one more; without a broker whoever asks goes on alone."""
    try:
        wake(channel, urgent=urgent)
    except Exception as error:  # noqa: BLE001 - whatever it is, claimed rows are waiting to be sent
        logger.warning("help_not_asked", channel=channel, error=type(error).__name__)


def wake(channel: str, *, urgent: bool = False) -> None:
    """Ask whichever worker has a thread free to drain a channel. Workers of the release before know no `urgent`."""
    which = {"urgent": True} if urgent else {}
    drain.apply_async((channel,), which, retry=False, expires=settings.SWEEP_SECONDS)


@shared_task(name="core.fold")
def fold() -> None:
    """Write read-alls into their rows."""
    positions.fold_all()
