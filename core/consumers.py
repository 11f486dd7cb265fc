"""/ws/notifications/: one frame per notification, at once when it is the next one, else from the database.

Everything a socket does, it does in turn, in its own loop: what comes from the client, from the channel layer and from
the watch is dispatched one after the other, so that nothing has to be locked and a slow socket holds up itself only.
"""

import asyncio
import json
import time
from contextlib import ExitStack, suppress
from typing import Any, NoReturn
from uuid import UUID

import structlog
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.utils import await_many_dispatch
from django.db import Error as DatabaseFailure

from core.notifications import feed
from core.notifications.subscribe import Subscription
from core.socket_auth import CLOSE_TOO_FAST, CLOSE_TOO_SLOW, SocketRefused, admit, in_database, place
from core.socket_watch import watch

logger = structlog.get_logger(__name__)

SEND_TIMEOUT = 5.0  # seconds until a client that does not read is closed
CLOSE_TIMEOUT = 1.0  # seconds a close code may wait behind what is not read
CLOSE_FAILED = 1011
MAX_FRAMES_A_SECOND = 50
REPLAY_BATCH = 100


class NotificationConsumer(AsyncWebsocketConsumer):
    """A plain client: it is sent notifications and nothing else, and what it sends is only counted."""

    session_id: UUID  # no more than its key: what is kept is kept for each of thousands
    user_id: int
    seq: int
    second = 0
    frames_this_second = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As channels does it, but the layer may be away; and however it ends, everything is given back."""
        self.scope, self.base_send = scope, send
        self.asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()  # by the channel layer and the watch
        with ExitStack() as self.leaving, suppress(StopConsumer):
            await await_many_dispatch([receive, self.asked.get], self.dispatch)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Without tidying up the connections of Django's one thread, which has none of ours."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        await self.accept()  # first: a browser sees the code of an accepted socket only
        try:
            self.session_id, self.user_id = await admit(self.scope)
            self.leaving.enter_context(place(self.user_id))
            self.seq = (await in_database(feed.read, self.user_id)).top_seq
        except SocketRefused as refused:
            logger.info("socket_refused", code=refused.close_code)
            await self.end(refused.close_code)
        except DatabaseFailure as error:
            logger.warning("socket_not_opened", error=type(error).__name__)
            await self.end(CLOSE_FAILED)
        watch.add(self)
        self.leaving.callback(watch.remove, self)
        self.leaving.callback(Subscription(self.user_id, self.asked).end)

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
        """A notification was committed. In order: send it; a gap before it: read from the database."""
        if message["seq"] == self.seq + 1:
            await self.push(message["frame"])
            self.seq = message["seq"]
        else:
            await self.feed_checked(message)

    async def feed_moved(self, message: dict[str, Any]) -> None:
        """The inbox changed otherwise; a plain client is not told, but the position goes on."""
        if message["seq"] == self.seq + 1:
            self.seq = message["seq"]
        else:
            await self.feed_checked(message)

    async def feed_checked(self, message: dict[str, Any]) -> None:
        """The feed is at this position: send what was created up to it, from the database."""
        if message["seq"] > self.seq:
            await self.catch_up()

    async def feed_joined(self, message: dict[str, Any]) -> None:
        """From now on the layer tells; what was committed before it did is read."""
        await self.catch_up()

    async def socket_unwanted(self, message: dict[str, Any]) -> None:
        await self.end(message["code"])

    async def catch_up(self) -> None:
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
