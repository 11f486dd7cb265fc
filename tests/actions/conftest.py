"""What the tests of verbs share."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

import pytest
from django.utils import timezone

Wait = Callable[[timedelta], datetime]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Time stands still but for `wait(HOUR)`, which says what time it is then."""
    time = [timezone.now()]

    class Still(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Still":
            return time[0]  # type: ignore[return-value]

    monkeypatch.setattr(timezone, "datetime", Still)  # what timezone.now() asks, wherever that is kept

    def later(by: timedelta) -> datetime:
        time[0] += by
        return time[0]

    return later
