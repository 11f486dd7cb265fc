"""The Celery tasks: wake-ups only. They carry no data; the database says what is due."""

from celery import shared_task
from django.conf import settings

from core.notifications import deliver, positions, registry
from core.notifications.claims import channels_with_work
from core.notifications.lane import lane


@shared_task(name="core.deliver_due")
def deliver_due() -> None:
    """Wake every channel that has something due, each by a message of its own."""
    for key in channels_with_work(registry.outgoing_channels()):
        drain.apply_async((key,), retry=False, expires=settings.SWEEP_SECONDS)


@shared_task(name="core.drain")
def drain(channel: str) -> None:
    """Send everything that is due on one channel."""
    lane(channel).run(lambda: deliver.drain(channel))


@shared_task(name="core.fold")
def fold() -> None:
    """Write read-alls into their rows."""
    positions.fold_all()
