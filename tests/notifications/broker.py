"""The broker as the tests see it: what waits there, and a place where there is none."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty

from celery import current_app


def waiting() -> list[tuple[str, list[str], dict[str, bool]]]:
    """Take every message: the tasks, their arguments and their options."""
    found = []
    with current_app.connection_for_write() as connection, suppress(Empty):
        queue = connection.SimpleQueue("celery")
        while True:
            message = queue.get_nowait()
            message.ack()
            found.append((message.headers["task"], *message.payload[:2]))
    return found


def reconnect() -> None:
    """Forget the connections to the broker; the next one goes where CELERY_BROKER_URL says now."""
    current_app._after_fork()  # type: ignore[attr-defined]


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as hole:
        yield hole.getsockname()[1]
