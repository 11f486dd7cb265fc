"""/ws/notifications/: one frame per notification, at once when it is the next one, else from the database."""

import asyncio
import json
import time
from typing import Any

import structlog
from channels.generic.websocket import AsyncWebsocketConsumer
from redis.exceptions import RedisError

from core.models import Session
from core.notifications import feed
from core.notifications.publish import group_of
from core.socket_auth import CLOSE_TOO_FAST, CLOSE_TOO_SLOW, SocketRefused, admit, in_database, open_sockets
from core.socket_watch import watch

logger = structlog.get_logger(__name__)

SEND_TIMEOUT = 10.0  # seconds until a client that does not read is closed
MAX_FRAMES_A_SECOND = 50
REPLAY_BATCH = 100


class NotificationConsumer(AsyncWebsocketConsumer):
    """A plain client: it is sent notifications and nothing else, and what it sends is only counted."""

    session: Session
    seq: int
    admitted = False
    second = 0
    frames_this_second = 0

    async def connect(self) -> None:
        await self.accept()  # first: a browser sees the code of an accepted socket only
        try:
            self.session = await admit(self.scope)
        except SocketRefused as refused:
            logger.info("socket_refused", code=refused.close_code)
            await self.close(refused.close_code)
            return
        self.admitted = True
        self.busy = asyncio.Lock()
        open_sockets[self.session.user_id] += 1
        await self.join()
        # After joining: what is committed from now on comes by the group or lies above this position.
        self.seq = (await in_database(feed.read, self.session.user_id)).top_seq
        watch.add(self)

    async def join(self) -> None:
        try:
            await self.channel_layer.group_add(group_of(self.session.user_id), self.channel_name)
        except (RedisError, OSError) as error:
            # Without Redis the socket stays and is served from the database by the watch.
            logger.warning("socket_join_failed", error=type(error).__name__)

    async def disconnect(self, code: int) -> None:
        if not self.admitted:
            return
        watch.remove(self)
        open_sockets[self.session.user_id] -= 1
        try:
            await self.channel_layer.group_discard(group_of(self.session.user_id), self.channel_name)
        except (RedisError, OSError) as error:
            logger.warning("socket_leave_failed", error=type(error).__name__)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        now = int(time.monotonic())
        if now != self.second:
            self.second, self.frames_this_second = now, 0
        self.frames_this_second += 1
        if self.frames_this_second > MAX_FRAMES_A_SECOND:
            await self.close(CLOSE_TOO_FAST)

    async def feed_notified(self, message: dict[str, Any]) -> None:
        """A notification was committed. In order: send it; a gap before it: read from the database."""
        async with self.busy:
            if message["seq"] == self.seq + 1:
                await self.push(message["frame"])
                self.seq = message["seq"]
        await self.feed_moved(message)

    async def feed_moved(self, message: dict[str, Any]) -> None:
        """The inbox changed otherwise; a plain client is not told, but the position goes on."""
        if message["seq"] > self.seq:
            await self.catch_up()

    async def catch_up(self) -> None:
        """Send what was created since the last position, from the database."""
        async with self.busy:
            behind = True
            while behind:
                position, frames = await in_database(read_on, self.session.user_id, self.seq)
                for frame in frames:
                    await self.push(frame)
                self.seq = max(self.seq, position)
                behind = len(frames) == REPLAY_BATCH

    async def push(self, frame: dict[str, Any]) -> None:
        try:
            await asyncio.wait_for(self.send(text_data=json.dumps(frame)), SEND_TIMEOUT)
        except TimeoutError:
            await self.close(CLOSE_TOO_SLOW)


def read_on(user_id: int, seq: int) -> tuple[int, list[dict[str, Any]]]:
    return feed.since(user_id, seq, limit=REPLAY_BATCH)
