"""/ws/notifications/ for a plain client: one frame per notification, at once when it is the next one, else from the
database, and nothing else."""

import asyncio
import json
import time
from contextlib import suppress
from typing import Any, NoReturn

import structlog
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseFailure

from core.following import Following
from core.notifications import feed
from core.socket_auth import CLOSE_TOO_FAST, CLOSE_TOO_SLOW, SocketRefused, admit, in_database

logger = structlog.get_logger(__name__)

SEND_TIMEOUT = 5.0  # seconds until a client that does not read is closed
CLOSE_TIMEOUT = 1.0  # seconds a close code may wait behind what is not read
CLOSE_FAILED = 1011
MAX_FRAMES_A_SECOND = 50
REPLAY_BATCH = 100


class NotificationConsumer(Following, AsyncWebsocketConsumer):
    """What a plain client sends is only counted."""

    second = 0
    frames_this_second = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As channels does it, but the layer may be away."""
        self.scope, self.base_send = scope, send
        await self.run(receive)

    async def connect(self) -> None:
        await self.accept()  # first: a browser sees the code of an accepted socket only
        try:
            self.session_id, self.user_id = await admit(self.scope)
            self.take_place()
            self.seq = (await in_database(feed.read, self.user_id)).top_seq
        except SocketRefused as refused:
            logger.info("socket_refused", code=refused.close_code)
            await self.end(refused.close_code)
        except DatabaseFailure as error:
            logger.warning("socket_not_opened", error=type(error).__name__)
            await self.end(CLOSE_FAILED)
        self.follow()

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        now = int(time.monotonic())
        if now != self.second:
            self.second, self.frames_this_second = now, 0
        self.frames_this_second += 1
        if self.frames_this_second > MAX_FRAMES_A_SECOND:
            await self.end(CLOSE_TOO_FAST)

    async def feed_notified(self, message: dict[str, Any]) -> None:
        await self.moved_on(message, message["frame"])

    async def tell(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "notification":
            await self.push(frame)

    async def catch_up(self) -> None:
        """However much it is: a plain client cannot be told to read its list anew."""
        try:
            behind = True
            while behind:
                position, frames = await in_database(read_on, self.user_id, self.seq)
                for frame in frames:
                    await self.push(frame)
                self.seq = max(self.seq, position)
                behind = len(frames) == REPLAY_BATCH
        except DatabaseFailure as error:
            # The position has not moved: the next message, or the watch, reads it again.
            logger.warning("socket_catch_up_failed", error=type(error).__name__)

    async def push(self, frame: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self.send(text_data=json.dumps(frame))
        except TimeoutError:
            await self.end(CLOSE_TOO_SLOW)
        except (OSError, RuntimeError) as error:  # gone; RuntimeError: the server has closed it, of itself
            raise StopConsumer from error

    async def end(self, code: int) -> NoReturn:
        """Close, and do nothing more; the server gives up a socket whose application has ended."""
        with suppress(OSError, RuntimeError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self.close(code)
        raise StopConsumer


def read_on(user_id: int, seq: int) -> tuple[int, list[dict[str, Any]]]:
    return feed.since(user_id, seq, limit=REPLAY_BATCH)
