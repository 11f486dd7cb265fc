"""A kind of job while a test runs, and a worker that is told to end."""

from collections.abc import Callable, Iterator

import pytest
from celery.worker import state

from core.jobs.kinds import KINDS
from tests.jobs.support import DONE, NAME, Kind
from tests.notifications.conftest import broker_away, log_text

__all__ = ["broker_away", "log_text"]

Does = Callable[[Kind], None]


@pytest.fixture(autouse=True)
def does(monkeypatch: pytest.MonkeyPatch) -> Does:
    """`does(kind)`: what jobs of these tests do; at first nothing."""

    def does_that(kind: Kind) -> None:
        monkeypatch.setitem(KINDS, NAME, kind)

    does_that(lambda run: DONE)
    return does_that


@pytest.fixture
def terminated() -> Iterator[Callable[[], None]]:
    """Tell this process's worker to end, as SIGTERM does."""

    def terminate() -> None:
        state.should_stop = 0  # type: ignore[assignment]  # the exit code of a warm shutdown

    yield terminate
    state.should_stop = None
