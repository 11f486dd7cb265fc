"""uvicorn's side of a WebSocket, where a client can send and leave unread no more than we allow.

What uvicorn leaves open: pings, pongs and pieces come in any number and are answered in memory, and a closed connection
waits for its client to read, for ever.
"""

import asyncio
import time
from typing import Any, cast

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import ProtocolError
from websockets.frames import CloseCode, Frame
from websockets.server import ServerProtocol

from core.socket_auth import CLOSE_BAD_FRAMES, CLOSE_TOO_FAST

MAX_FRAMES_A_SECOND = 50
LINGER = 2.0  # seconds a closing connection is given, for its client to read why


class Frames(ServerProtocol):
    """Takes so many frames in any second, of whatever kind; says what is wrong with them by our codes."""

    arrived: tuple[float, ...] = ()  # when those of the last second came

    def recv_frame(self, frame: Frame) -> None:
        now = time.monotonic()
        self.arrived = (*(then for then in self.arrived if then > now - 1), now)
        if len(self.arrived) > MAX_FRAMES_A_SECOND:
            self.parser_exc = ProtocolError("too many frames a second")
            self.fail(CLOSE_TOO_FAST)
        else:
            super().recv_frame(frame)

    def fail(self, code: CloseCode | int, reason: str = "") -> None:
        super().fail(CLOSE_BAD_FRAMES if code == CloseCode.MESSAGE_TOO_BIG else code, reason)


class Ending:
    """A transport that is gone soon after it was closed, whether or not what was written is ever read."""

    __slots__ = ("_transport",)

    def __init__(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def close(self) -> None:
        self._transport.close()
        asyncio.get_running_loop().call_later(LINGER, self._transport.abort)  # nothing, if it has gone by then


class SocketProtocol(WebSocketsSansIOProtocol):
    """Reads no more while its client does not read; every ending is one, even when the client does not read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = Frames(max_size=self.config.ws_max_size, logger=self.logger)
        self.close_timeout = LINGER

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, Ending(transport)))

    def pause_writing(self) -> None:
        super().pause_writing()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.read_paused:
            self.transport.resume_reading()

    async def receive(self) -> ASGIReceiveEvent:
        message = await super().receive()
        if not self.writable.is_set():  # the line above may have resumed reading
            self.transport.pause_reading()
        return message

    def data_received(self, data: bytes) -> None:
        if not self.conn.eof_sent:  # otherwise everything has been said
            super().data_received(data)
            if self.conn.handshake_exc is not None:  # such as a header that is too long, which uvicorn leaves hanging
                self.transport.write(b"".join(self.conn.data_to_send()))
                self.transport.close()

    def handle_ping(self) -> None:
        if not self.close_sent:
            super().handle_ping()

    def handle_parser_exception(self) -> None:
        """Close, and hear the client out: what is left unread would reset the connection before the code is read."""
        closed = self.conn.close_sent
        if closed is None:  # it did not even wait to be let in
            self.transport.abort()
            return
        self.conn.fail(closed.code)  # what still comes is thrown away
        self.queue.put_nowait({"type": "websocket.disconnect", "code": closed.code, "reason": closed.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.write_eof()
        self.close_sent, self.read_paused = True, False
        self.transport.resume_reading()
        if self.close_timer is None:
            self.close_timer = self.loop.call_later(LINGER, self.transport.abort)
