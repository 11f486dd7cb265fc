"""Many comments at once, and what becomes of them."""

from collections import Counter
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.models import Bucket, NotificationLog, Ticket, User
from core.notifications.dispatch import announce
from tests.notifications.support import PENDING, Pigeon, change_of


def say(ticket: Ticket, actor: User, many: int = 1) -> None:
    """Comments on a ticket, of which its creator hears, in one transaction."""
    with transaction.atomic():
        last = NotificationLog.objects.count()
        team = {"assignee_ids": list(ticket.assignments.values_list("user_id", flat=True))}
        announce(*(change_of(ticket, "comment_added", actor=actor, key=f"{last + n}", **team) for n in range(many)))


def rows_of(user: User, channel: str = "PIGEON", event: str = "comment_added") -> Any:
    return NotificationLog.objects.filter(recipient=user, notification_type=channel, event=event).order_by("pk")


def ends(user: User, channel: str = "PIGEON") -> Counter[tuple[str, str]]:
    return Counter(rows_of(user, channel).values_list("status", "error"))


def later(channel: str = "PIGEON") -> None:
    """A minute or a day goes by: every token is there again, and what was put off is due; not what is carried."""
    Bucket.objects.all().delete()
    waiting = NotificationLog.objects.filter(notification_type=channel, status=PENDING, carried_by=None)
    waiting.update(next_attempt_at=timezone.now())


def said(pigeon: Pigeon) -> list[int]:
    """Of how many notifications each message was."""
    return [len(message.lines) or 1 for message in pigeon.sent]
