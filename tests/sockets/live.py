"""The real ASGI application on an event loop in a thread of its own, as a server runs it, and its clients."""

import asyncio
import json
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest import mock

from asgiref import testing
from django.db import connections

from core.actions import sessions
from core.models import User
from core.socket_auth import open_sockets
from core.socket_watch import watch
from core.sockets import Socket
from Management.asgi import application

T = TypeVar("T")
Communicator: Any = testing.ApplicationCommunicator  # what channels offers needs daphne
PATH = "/ws/notifications/"
SOON = 10.0  # seconds: what comes, comes by then, on a busy machine too
Headers = dict[str, str]


class Server:
    """Tests act in their own thread and commit there, as requests do; sockets live on the loop."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="server", daemon=True)
        self.clients: list[Client] = []
        self.in_group: list[Socket] = []

    def call(self, work: Coroutine[Any, Any, T], seconds: float = 30) -> T:
        """Run this on the loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    def start(self) -> None:
        self.thread.start()
        self.lifespan = Communicator(application, {"type": "lifespan"})
        assert self.say("startup") == {"type": "lifespan.startup.complete"}

    def stop(self) -> None:
        for client in self.clients:
            client.leave()
        assert self.say("shutdown") == {"type": "lifespan.shutdown.complete"}
        self.call(cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def say(self, word: str) -> Any:
        self.call(self.lifespan.send_input({"type": f"lifespan.{word}"}))
        return self.call(self.lifespan.receive_output(SOON))

    def open(self, who: User | str | None = None, path: str = PATH, query: str = "", **headers: str) -> "Client":
        """A socket of this person (a new session), or with this token, or without one."""
        token = sessions.start(user=who).access if isinstance(who, User) else who
        client = Client(self, path, query + ("" if token is None else f"&token={token}"), headers)
        self.clients.append(client)
        return client

    def joined(self, who: User | str | None = None, **options: str) -> "Client":
        """A socket that is in its group: it hears of what happens from now on."""
        before = len(self.in_group)
        client = self.open(who, **options)
        wait_until(lambda: len(self.in_group) > before)
        return client

    def watched(self, who: User | str) -> "Client":
        """A socket that is admitted, joined to a group or not."""
        before = len(watch._sockets)
        client = self.open(who)
        wait_until(lambda: len(watch._sockets) > before)
        return client


class Client:
    def __init__(self, server: Server, path: str, query: str, headers: Headers) -> None:
        self.server = server
        named = [(name.encode(), value.encode()) for name, value in ({"host": "testserver"} | headers).items()]
        scope = {"type": "websocket", "path": path, "query_string": query.encode(), "headers": named}
        offered = headers.get("sec-websocket-protocol", "")
        scope["subprotocols"] = [one.strip() for one in offered.split(",") if one]
        self.app = Communicator(application, scope)
        self.tell("connect")
        accepted = self.event()
        assert accepted["type"] == "websocket.accept"
        self.subprotocol = accepted["subprotocol"]

    def tell(self, kind: str, **values: Any) -> None:
        self.server.call(self.app.send_input({"type": f"websocket.{kind}", **values}))

    def event(self, seconds: float = SOON) -> dict[str, Any]:
        event: dict[str, Any] = self.server.call(self.app.receive_output(seconds), seconds + 5)
        return event

    def frame(self, seconds: float = SOON) -> dict[str, Any]:
        """The next frame."""
        event = self.event(seconds)
        assert event["type"] == "websocket.send", event
        frame: dict[str, Any] = json.loads(event["text"])
        return frame

    def frames(self, number: int) -> list[dict[str, Any]]:
        return [self.frame() for _ in range(number)]

    def code(self, seconds: float = SOON) -> int:
        """The code it is closed with; fails on a frame before it."""
        event = self.event(seconds)
        assert event["type"] == "websocket.close", event
        self.server.call(self.app.wait(SOON))
        code: int = event["code"]
        return code

    def silent(self, seconds: float = 0.3) -> bool:
        """Whether nothing comes."""
        silent: bool = self.server.call(self.app.receive_nothing(seconds), seconds + 5)
        return silent

    def send(self, text: str) -> None:
        self.tell("receive", text=text)

    def say(self, kind: str, **fields: Any) -> None:
        """A frame of a v2 client."""
        self.send(json.dumps({"type": kind, **fields}))

    def leave(self, code: int = 1000) -> None:
        """The client closes, or has gone."""
        if self.app.future.done():
            return
        self.tell("disconnect", code=code)
        self.server.call(self.app.wait(SOON))


async def cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def wait_until(condition: Any, seconds: float = SOON) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@contextmanager
def serving() -> Iterator[Server]:
    """A server; at the end every place must have been given back, whatever happened."""
    server = Server()
    joined = Socket.feed_joined

    async def feed_joined(self: Socket, message: dict[str, Any]) -> None:
        await joined(self, message)
        server.in_group.append(self)

    # Else the threads of the sockets keep a PostgreSQL connection each, and the test database cannot be dropped.
    unkept = mock.patch.dict(connections.settings["default"], CONN_MAX_AGE=0)
    server.start()
    with unkept, mock.patch.object(Socket, "feed_joined", feed_joined):
        try:
            yield server
        finally:
            server.stop()
    left = dict(open_sockets), set(watch._sockets)
    open_sockets.clear()  # one failure must not become those of all tests after it
    watch.__init__()  # type: ignore[misc]
    assert left == ({}, set())
