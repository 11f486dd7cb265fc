"""When nobody can tell whether a message arrived: rather twice, or rather not? Operators say so for each channel."""

from django.conf import settings

from core.models import AttemptOutcome
from core.notifications.channel import Channel
from core.notifications.retry import BACKOFF

RATHER_TWICE = "rather_twice"
# How attempts end of which nobody knows whether the message arrived; without an outcome, the worker died.
DOUBTFUL = (AttemptOutcome.AMBIGUOUS, AttemptOutcome.UNKNOWN)


def rather_twice(channel: str) -> bool:
    return bool(settings.IN_DOUBT.get(channel) == RATHER_TWICE)


def may_repeat(channel: str, doubts: int) -> bool:
    """Whether to send again what may have arrived, after so many attempts of which nobody can tell: once, at most."""
    return rather_twice(channel) and doubts <= 1


def most_crashes(channel: Channel) -> int:
    """After how many attempts that were cut off no other is made: it seems to be what brings the workers down.

    After the first one, where nobody can be asked whether it arrived and it had rather not go twice.
    """
    return len(BACKOFF) if channel.can_be_asked or rather_twice(channel.key) else 0
