"""The real server in a thread of the test's process, so that its times can be shortened."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from unittest import mock

from django.db import connections

from core.actions import sessions
from core.following import Following
from core.management.server import STOP_SECONDS, Server, config
from core.models import User
from core.socket_auth import open_sockets
from core.socket_watch import watch
from tests.sockets.live import wait_until
from tests.stream.reader import Reader

SMALL = 4096  # bytes the kernel keeps for a connection, so that soon nothing more can be sent


class Streams:
    """Opens streams of a server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.readers: list[Reader] = []
        self.in_group: list[Following] = []  # what the channel layer tells

    def ask(self, who: User | str, *, buffer: int = 0, **headers: str) -> Reader:
        """A request of this person (a new session), or with this token."""
        token = sessions.start(user=who).access if isinstance(who, User) else who
        reader = Reader(self.port, f"token={token}", buffer=buffer, **headers)
        self.readers.append(reader)
        return reader

    def open(self, who: User | str, *, last: str = "") -> Reader:
        """A stream that is followed; its first event has been read."""
        before = len(self.in_group)
        reader = self.ask(who, Last_Event_ID=last)
        assert reader.head()[0] == 200
        assert reader.event().name == "connected"
        wait_until(lambda: len(self.in_group) > before)
        return reader


class Running:
    """A server and its streams; `stop` is what SIGTERM does."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        self.ready = threading.Event()
        self.server = Server(config(STOP_SECONDS), self.ready.set, lambda: None)
        self.thread = threading.Thread(target=self.server.run, args=([self.listener],), name="server", daemon=True)
        self.streams = Streams(self.listener.getsockname()[1])

    def start(self) -> None:
        self.thread.start()
        assert self.ready.wait(10)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        assert not self.thread.is_alive()


@contextmanager
def serving() -> Iterator[Running]:
    """A server; at the end every place must have been given back, whatever happened."""
    running = Running()

    async def feed_joined(self: Following, message: dict[str, Any]) -> None:
        await self.catch_up()
        running.streams.in_group.append(self)

    # Else threads keep a PostgreSQL connection each, and the test database cannot be dropped.
    unkept = mock.patch.dict(connections.settings["default"], CONN_MAX_AGE=0)
    with unkept, closing(running.listener), mock.patch.object(Following, "feed_joined", feed_joined):
        running.start()
        try:
            yield running
        finally:
            running.stop()
            for reader in running.streams.readers:
                reader.socket.close()
    left = dict(open_sockets), dict(watch._sockets)
    open_sockets.clear()  # one failure must not become those of all tests after it
    watch.__init__()  # type: ignore[misc]
    assert left == ({}, {})
