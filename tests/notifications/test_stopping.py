"""A Celery worker that was told to end by SIGTERM begins nothing more."""

from collections.abc import Iterator

import pytest
from celery.worker import state

from core.models import Ticket, User
from core.notifications.deliver import drain
from tests.notifications.support import PENDING, SENT, Pigeon, row_of


@pytest.fixture
def terminated() -> Iterator[None]:
    state.should_stop = 0  # type: ignore[assignment]  # the exit code of a warm shutdown
    yield
    state.should_stop = None


def test_a_worker_that_ends_leaves_what_is_due_to_others(
    pigeon: Pigeon, told: Ticket, ada: User, terminated: None
) -> None:
    drain("PIGEON")
    assert row_of(ada, "PIGEON").status == PENDING
    state.should_stop = None
    drain("PIGEON")
    assert row_of(ada, "PIGEON").status == SENT
