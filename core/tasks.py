"""What Celery finds: the deliveries' wake-ups, and the hourly tidying."""

from celery import shared_task
from django.utils import timezone

from core.actions import sessions, stored_answers
from core.notifications import outbox
from core.notifications.queue import deliver_due, drain, fold

__all__ = ["deliver_due", "drain", "fold", "tidy"]


@shared_task(name="core.tidy")
def tidy() -> None:
    """Delete what has expired and nobody can use again."""
    now = timezone.now()
    sessions.delete_expired(now)
    stored_answers.delete_expired(now)
    outbox.trim()
