"""The inbox as Server-Sent Events, over an answer that does not end.

A request like any other opens it (views/stream.py); what that answered goes on here, without a thread. The id of an
event is where its client is when it has it: whoever comes back with it has missed all later positions, and no others.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable
from channels.exceptions import StopConsumer

from core.following import Following
from core.notifications.feed import Replay
from core.socket_auth import CLOSE_TOO_SLOW, SocketRefused
from core.sockets import CLOSE_TIMEOUT, SEND_TIMEOUT

CONTENT_TYPE = "text/event-stream"
HEARTBEAT = 15.0  # seconds
RETRY_AFTER = b"5"  # seconds
TOO_MANY = {"detail": "You have too many connections. Close one first.", "code": "too_many_connections"}
OF_EVENTS = {b"content-type", b"content-length", b"x-accel-buffering"}

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Opened:
    """Whose stream it is, and the position of its client after what the view has answered."""

    session_id: UUID
    user_id: int
    epoch: str
    seq: int


def event(name: str, data: dict[str, Any], epoch: str, seq: int) -> bytes:
    return f"event: {name}\nid: {epoch}:{seq}\ndata: {json.dumps(data)}\n\n".encode()


def replayed(missed: Replay) -> Iterator[bytes]:
    """What was missed as events. The last is a heartbeat at the top: what moved is not always shown."""
    epoch, top = missed.feed.epoch, missed.feed.top_seq
    if missed.reason:
        yield event("reset", {"reason": missed.reason, "epoch": epoch, "seq": top}, epoch, top)
    for frame in [missed.state, *missed.created]:
        if frame is not None:
            yield event(frame["type"], frame, epoch, frame["seq"])
    yield event("heartbeat", {}, epoch, top)


class Stream(Following):
    """Follows an inbox for a client that only listens."""

    longest_silence = HEARTBEAT

    def __init__(self, opened: Opened, headers: Headers, events: bytes, send: ASGISendCallable) -> None:
        self.session_id, self.user_id = opened.session_id, opened.user_id
        self.epoch, self.seq = opened.epoch, opened.seq
        self.first = [{"type": "stream.opened", "headers": headers, "events": events}]
        self.send = send

    async def go_on(self, receive: ASGIReceiveCallable) -> None:
        """Answer as the view has begun to, then whatever happens, for as long as anybody listens."""

        async def then() -> Any:
            return self.first.pop() if self.first else await receive()

        await self.run(then)

    async def stream_opened(self, message: dict[str, Any]) -> None:
        try:
            self.take_place()
        except SocketRefused:
            await self.refuse(message["headers"])
        headers = [one for one in message["headers"] if one[0] != b"content-length"]
        await self.send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": False})
        await self.write(message["events"])
        self.follow()

    async def http_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def socket_silent(self, message: dict[str, Any]) -> None:
        self.told_at = time.monotonic()  # heartbeats alone count: they come among other events, too
        await self.write(event("heartbeat", {}, self.epoch, self.seq))

    async def tell(self, frame: dict[str, Any]) -> None:
        await self.write(event(frame["type"], frame, self.epoch, frame.get("seq", self.seq)))

    async def replay(self, missed: Replay) -> None:
        for one in replayed(missed):
            await self.write(one)
        self.epoch, self.seq = missed.feed.epoch, missed.feed.top_seq

    async def write(self, events: bytes) -> None:
        too_slow = asyncio.get_running_loop().call_later(SEND_TIMEOUT, self.dismiss, CLOSE_TOO_SLOW)
        try:
            await self.send({"type": "http.response.body", "body": events, "more_body": True})
        finally:
            too_slow.cancel()

    async def refuse(self, headers: Headers) -> NoReturn:
        """As the view would have answered, had it known: places are counted here."""
        body = json.dumps(TOO_MANY).encode()
        kept = [one for one in headers if one[0] not in OF_EVENTS]
        own = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        start: Headers = [*kept, *own, (b"retry-after", RETRY_AFTER)]
        await self.send({"type": "http.response.start", "status": 429, "headers": start, "trailers": False})
        await self.send({"type": "http.response.body", "body": body, "more_body": False})
        raise StopConsumer

    async def end(self, code: int) -> NoReturn:
        """End the answer: its client asks again, and is told why when it may not. One that does not read is cut off."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self.send({"type": "http.response.body", "body": b"", "more_body": False})
        raise StopConsumer
