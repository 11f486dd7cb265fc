"""A process that serves everything: uvicorn, and with the memory:// broker worker and beat."""

import gc
import logging
import os
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from django.conf import settings

from core.management.embedded import Embedded
from core.management.socket_protocol import SocketProtocol
from core.socket_watch import watch

GARBAGE = 10_000  # objects; by default 700: each burst of frames would be looked through again and again
STOP_SECONDS = 4.0  # of a server that a person stops: below five, but for a mail whose server has not answered yet
DRAIN_SECONDS = 1.0  # of all of stopping, for sockets


class Server(uvicorn.Server):
    """uvicorn, telling `on_ready` when it serves and `on_stop` as soon as it is asked to end."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self.on_ready, self.on_stop = on_ready, on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Nothing new, then sockets, which hear that it was planned, then what is under way."""
        self.on_stop()
        for server in self.servers:
            server.close()
        await watch.drain(DRAIN_SECONDS)
        await super().shutdown(sockets)


def config(stop_within: float) -> uvicorn.Config:
    """One request or socket cannot fill the memory, and one open stream cannot hold up the end."""
    module, _, name = settings.ASGI_APPLICATION.rpartition(".")
    return uvicorn.Config(
        f"{module}:{name}",
        http="h11",
        ws=SocketProtocol,
        ws_max_size=65_536,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=int(stop_within - DRAIN_SECONDS),
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,  # ours, which redacts tokens
        log_level=logging.WARNING,
    )


def serve(
    listener: socket.socket, embedded: Embedded | None, on_ready: Callable[[], None], *, stop_within: float
) -> None:
    """Serve until SIGINT or SIGTERM, then stop in order: no new work, sockets, sends under way, done."""

    def ready() -> None:
        gc.freeze()  # what has been loaded stays: looking through it again and again makes frames late
        gc.set_threshold(GARBAGE)
        if embedded:
            embedded.start()
        on_ready()

    def stop() -> None:
        if embedded:
            embedded.begin_stop()

    # uvicorn repeats the signal after it has stopped; these take it, so that the process ends with 0.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ignore)
    Server(config(stop_within), ready, stop).run(sockets=[listener])
    if embedded and not embedded.finish_stop(seconds=stop_within - 1):
        logging.shutdown()
        os._exit(0)  # Python would wait for the hanging send for as long as that takes


def ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the server has stopped already."""
