"""429 for those who try too often."""

from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework.exceptions import Throttled

from core.actions.login_throttle import TooManyAttempts


@contextmanager
def answered_with_429() -> Iterator[None]:
    """Turn what a verb refuses as tried too often into DRF's answer with `Retry-After`."""
    try:
        yield
    except TooManyAttempts as error:
        raise Throttled(wait=max(1, error.wait.total_seconds()), detail="Too many attempts.") from error
