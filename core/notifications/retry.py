"""When to try again: eight times within a day, further and further apart, never in step with others."""

import random
from datetime import datetime, timedelta

BACKOFF = [timedelta(seconds=s) for s in (5, 15, 45, 120, 600, 1_800, 7_200, 28_800)]
GIVE_UP_AFTER = timedelta(hours=24)
JITTER = 0.2  # each wait is up to this share shorter or longer
SETTLE = timedelta(seconds=60)  # an ambiguous request may still be taken: by then it is in the list, or never
CIRCUIT = timedelta(seconds=60)  # how long a misconfigured channel rests
LEFT = timedelta(seconds=60)  # how long a message that only another release can send is left alone


def next_attempt(
    attempts: int, *, since: datetime, now: datetime, at_least: timedelta | None = None
) -> datetime | None:
    """The time of the next attempt after `attempts` failed ones `since` the first; None: it was the last."""
    if attempts > len(BACKOFF):
        return None
    wait = BACKOFF[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, hides nothing
    at = now + max(wait, at_least or timedelta())
    return at if at <= since + GIVE_UP_AFTER else None
