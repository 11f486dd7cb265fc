"""Closes what has been resolved for days, and says so some days before."""

import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from core.actions.reminders import BATCH, each, once, unreminded
from core.actions.step import Step
from core.models import Reminder, Status, Ticket

REMINDER = "auto_close_soon"


def auto_close(until: float = math.inf) -> None:
    """Close what nobody has approved or rejected in time; remind creators of what comes next. 0 days: never.

    `until`: time.monotonic() at which the rest is left to the next run.
    """
    resolved, now = Ticket.objects.filter(status=Status.RESOLVED), timezone.now()
    if not settings.AUTO_CLOSE_DAYS:
        return
    if settings.AUTO_CLOSE_REMINDER_DAYS:
        soon = resolved.filter(resolved_at__lte=before(now, settings.AUTO_CLOSE_REMINDER_DAYS))
        each(unreminded(soon, REMINDER, "resolved_at"), remind_creator, until)
    overdue = resolved.filter(resolved_at__lte=before(now, settings.AUTO_CLOSE_DAYS), deleted_at=None)
    each(foretold(overdue, now).order_by("resolved_at")[:BATCH], close, until)


def before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


def days_between() -> int:
    """From the reminder until a ticket is closed, also where the reminder came late."""
    return settings.AUTO_CLOSE_DAYS - settings.AUTO_CLOSE_REMINDER_DAYS


def foretold(tickets: QuerySet[Ticket], now: datetime) -> QuerySet[Ticket]:
    """Those whose creators were reminded early enough, where they are to be."""
    if not settings.AUTO_CLOSE_REMINDER_DAYS:
        return tickets
    said = Reminder.objects.filter(ticket=OuterRef("pk"), kind=REMINDER, due_at=OuterRef("resolved_at"))
    return tickets.filter(Exists(said.filter(created_at__lte=before(now, days_between()))))


@transaction.atomic
def close(*, ticket_id: int) -> None:
    """Unless it was approved, rejected or cancelled meanwhile; creator, assignees and admins are told."""
    step = resolved_for(ticket_id, settings.AUTO_CLOSE_DAYS)
    if step is not None and foretold(Ticket.objects.filter(pk=ticket_id), step.now).exists():
        step.take("auto_close")
        step.ticket.closed_at = step.now
        step.finish("auto_close", tell=["ticket_auto_closed"], facts=(("days", str(settings.AUTO_CLOSE_DAYS)),))


@transaction.atomic
def remind_creator(*, ticket_id: int) -> None:
    step = resolved_for(ticket_id, settings.AUTO_CLOSE_REMINDER_DAYS)
    if step is not None and (resolved_at := step.ticket.resolved_at):
        closes_at = max(
            resolved_at + timedelta(days=settings.AUTO_CLOSE_DAYS), step.now + timedelta(days=days_between())
        )
        once(step, REMINDER, resolved_at, (("at", f"{closes_at:%Y-%m-%d %H:%M} UTC"),))


def resolved_for(ticket_id: int, days: int) -> Step | None:
    """Lock a ticket that is still resolved, and has been for so long."""
    step = Step.locked(ticket_id)
    if step is None or step.ticket.status != Status.RESOLVED or step.ticket.resolved_at is None:
        return None
    return step if step.ticket.resolved_at <= before(step.now, days) else None
