"""What Celery finds: the wake-ups of deliveries and jobs, who looks after them, and the hourly tidying."""

import time

from celery import shared_task
from django.utils import timezone

from core.actions import audit as auditor
from core.actions import auto_close, jobs, one_time_tickets, phone, reminders, replies, sessions, stored_answers, votes
from core.jobs.queue import run_jobs
from core.notifications import outbox, pace
from core.notifications import trim as trimming
from core.notifications.queue import deliver_due, drain, fold

__all__ = ["audit", "deliver_due", "drain", "fold", "remind", "run_jobs", "tell_votes", "tidy", "trim"]

LASTS = 20  # seconds that reminding takes at most: it is to be over before it begins again


@shared_task(name="core.audit")
def audit() -> None:
    """Look after what is due."""
    auditor.audit()


@shared_task(name="core.remind")
def remind() -> None:
    """Do what is time's: remind of what is due, and close what has been resolved for long."""
    until = time.monotonic() + LASTS
    reminders.remind(until)
    auto_close.auto_close(until)


@shared_task(name="core.tell_votes")
def tell_votes() -> None:
    """Tell of the votes that waited for their minute to be over."""
    votes.tell_waiting()


@shared_task(name="core.tidy")
def tidy() -> None:
    """Delete what has expired and nobody can use again."""
    now = timezone.now()
    one_time_tickets.delete_expired(now)
    sessions.delete_expired(now)
    stored_answers.delete_expired(now)
    phone.delete_expired(now)
    replies.forget_texts(now)
    pace.tidy(now)
    outbox.trim()
    jobs.delete_expired(now)  # last: the storage may be away


@shared_task(name="core.trim")
def trim() -> None:
    """Delete what has become as old as its operator wants it to."""
    trimming.trim(timezone.now())
