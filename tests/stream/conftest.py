"""A running server, its streams, and notifications for them to tell of."""

from collections.abc import Iterator

import pytest

from tests.sockets.conftest import lost, tell
from tests.stream.live import Running, Streams, serving

__all__ = ["lost", "tell"]


@pytest.fixture
def running(transactional_db: None) -> Iterator[Running]:
    with serving() as server:
        yield server


@pytest.fixture
def streams(running: Running) -> Streams:
    return running.streams


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch looks often, and at positions each time."""
    monkeypatch.setattr("core.socket_watch.SESSIONS_EVERY", 0.05)
    monkeypatch.setattr("core.socket_watch.POSITIONS_EVERY", 1)
