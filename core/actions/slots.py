"""How many letters of a kind somebody gets in an hour: each takes a key of its own, and there are so many."""

from django.utils import timezone

from core.models import NotificationLog, User
from core.notifications.letters import Posted


def this_hour() -> str:
    return f"{timezone.now():%Y-%m-%dT%H}"


def free_slot(letter: Posted, user: User, hour: str, most: int) -> str | None:
    """The key of one of this hour's letters that has not been written yet."""
    slots = [f"{hour}:{number}" for number in range(most)]
    keys = {f"{letter.key}:{slot}": slot for slot in slots}
    written = NotificationLog.objects.filter(recipient=user, notification_type=letter.channel, dedupe_key__in=keys)
    taken = set(written.values_list("dedupe_key", flat=True))
    return next((slot for key, slot in keys.items() if key not in taken), None)
