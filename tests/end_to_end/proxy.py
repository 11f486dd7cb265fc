"""A line to a server, which passes everything on, or swallows it: connections are taken, and what comes on them is
read, but nothing ever answers."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from select import select
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

LOOK = 0.1  # seconds


class Proxy(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, target: int) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.target, self.port, self.swallows = target, self.socket.getsockname()[1], False
        self.serving = Thread(target=self.serve_forever, args=(LOOK,), daemon=True, name="proxy")

    def __enter__(self) -> "Proxy":
        self.serving.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()

    @contextmanager
    def swallowing(self) -> Iterator[None]:
        """Connections on which something was lost are broken off in the end: their two ends are out of step."""
        self.swallows = True
        yield
        self.swallows = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Either end may go away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Connection(BaseRequestHandler):
    server: Proxy

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.target)) as there:
            other, lost = {self.request: there, there: self.request}, False
            while self.server.swallows or not lost:
                for here in select(list(other), [], [], LOOK)[0]:
                    content = here.recv(65_536)
                    if not content:
                        return
                    lost = lost or self.server.swallows
                    if not lost:
                        other[here].sendall(content)
