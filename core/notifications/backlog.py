"""What is due on a channel and has not gone yet: how much, and for how long. By index, and never counted to the end."""

from datetime import timedelta

from django.utils import timezone

from core.notifications.claims import abandoned, waiting

AT_MOST = 10_000  # counted, so that asking costs the same however much there is


def due(channel: str, *, longer_than: timedelta = timedelta()) -> int:
    """How many rows wait, or were left by whoever sent them, for longer than this."""
    before = timezone.now() - longer_than
    late = waiting(channel).filter(next_attempt_at__lte=before)
    left = abandoned(channel).filter(lease_until__lte=before)
    return min(sum(found.order_by()[:AT_MOST].count() for found in (late, left)), AT_MOST)


def age(channel: str) -> timedelta:
    """For how long the first in the line has been due; nothing when there is no line."""
    now = timezone.now()
    since = [
        waiting(channel).values_list("next_attempt_at", flat=True).first(),
        abandoned(channel).values_list("lease_until", flat=True).first(),
    ]
    return now - min([at for at in since if at is not None], default=now)
