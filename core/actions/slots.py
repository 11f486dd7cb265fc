"""How much of a kind somebody gets in an hour: each takes a key of its own, and there are so many."""

from datetime import datetime, timedelta

from django.utils import timezone

from core.models import NotificationLog, User


def this_hour() -> str:
    return f"{timezone.now():%Y-%m-%dT%H}"


def until_next_hour(now: datetime) -> timedelta:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) - now


def free_slot(kind: str, user: User, channel: str, hour: str, most: int) -> str | None:
    """One of this hour's slots in which nothing of the kind has been written yet: `kind:slot` is its dedupe key."""
    slots = [f"{hour}:{number}" for number in range(most)]
    keys = {f"{kind}:{slot}": slot for slot in slots}
    written = NotificationLog.objects.filter(recipient=user, notification_type=channel, dedupe_key__in=keys)
    taken = set(written.values_list("dedupe_key", flat=True))
    return next((slot for key, slot in keys.items() if key not in taken), None)
