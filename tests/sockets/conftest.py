"""A running application and notifications for it to tell of."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from core.actions import tickets
from core.models import Ticket, User
from tests.conftest import hush
from tests.sockets.live import Server, serving

Tell = Callable[[], Ticket]
Pushed = list[Sequence[tuple[int, dict[str, Any]]]]
Lost = Callable[[], AbstractContextManager[Pushed]]


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def tell(ada: User, cleo: User) -> Tell:
    """Cleo raises a ticket: Ada is told, and nobody else."""

    def raise_ticket() -> Ticket:
        ticket = tickets.create(actor=cleo, title="Bug Fix", description="Since this morning.")
        hush(ticket.pk)
        return ticket

    return raise_ticket


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> Lost:
    """`with lost() as held:` what is announced inside is committed and not pushed; `held` is what was to be."""

    @contextmanager
    def losing() -> Iterator[Pushed]:
        held: Pushed = []
        with monkeypatch.context() as patch:
            patch.setattr("core.notifications.dispatch.push", held.append)
            yield held

    return losing
