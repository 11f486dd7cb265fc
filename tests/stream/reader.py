"""Reads Server-Sent Events as EventSource does, from bytes or from a real connection."""

import json
import socket
from types import TracebackType
from typing import Any, NamedTuple

SOON = 10.0  # seconds: what comes, comes by then, on a busy machine too


class Event(NamedTuple):
    name: str
    id: str
    data: dict[str, Any]


def parsed(text: bytes) -> list[Event]:
    """The events of a whole answer."""
    assert text.endswith(b"\n\n"), text
    return [one(block) for block in text.removesuffix(b"\n\n").split(b"\n\n")]


def one(block: bytes) -> Event:
    """Every event of ours has these three lines."""
    fields = dict(line.split(": ", 1) for line in block.decode().split("\n"))
    assert set(fields) == {"event", "id", "data"}, block
    return Event(fields["event"], fields["id"], json.loads(fields["data"]))


class Reader:
    """One request and what comes back. It speaks HTTP/1.0, whose answers end with the connection."""

    def __init__(self, port: int, query: str, *, buffer: int = 0, **headers: str) -> None:
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(SOON)
        self.socket.connect(("127.0.0.1", port))
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in ({"Host": "testserver"} | headers).items()]
        head = [f"GET /api/notifications/stream/?{query} HTTP/1.0", *lines, "", ""]
        self.socket.sendall("\r\n".join(head).encode())
        self.buffer = b""

    def __enter__(self) -> "Reader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def head(self) -> tuple[int, dict[str, str]]:
        """Status and headers; call it first."""
        first, *lines = self.until(b"\r\n\r\n").decode().split("\r\n")
        return int(first.split()[1]), {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }

    def event(self) -> Event:
        return one(self.until(b"\n\n"))

    def events(self, number: int) -> list[Event]:
        return [self.event() for _ in range(number)]

    def rest(self) -> bytes:
        """All that comes until the server ends it."""
        while piece := self.socket.recv(65_536):
            self.buffer += piece
        return self.buffer

    def until(self, end: bytes) -> bytes:
        while end not in self.buffer:
            piece = self.socket.recv(65_536)
            assert piece, f"it ended: {self.buffer!r}"
            self.buffer += piece
        found, _, self.buffer = self.buffer.partition(end)
        return found
