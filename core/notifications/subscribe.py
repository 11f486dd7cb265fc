"""Hears what is pushed to a person (publish.py), as soon and as long as there is a channel layer."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from core.notifications import shortcuts
from core.notifications.mailbox import JOINED, Mailbox
from core.notifications.publish import group_of

logger = structlog.get_logger(__name__)

AGAIN_AFTER = 10.0  # seconds; until then the watch serves from the database


class Subscription:
    """Puts every message for a person into a queue, by a task of its own: Redis may hang, its sockets may not."""

    def __init__(self, user_id: int, heard: Mailbox) -> None:
        self._group, self._heard = group_of(user_id), heard
        self._layer = get_channel_layer()
        self._ended = self._waiting = self._warned = False
        self._task = asyncio.get_running_loop().create_task(self._run())

    def end(self) -> None:
        """Leave the group; returns at once."""
        self._ended = True
        if self._waiting:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            try:
                # Ask first whether Redis is there: the layer keeps a queue for every new_channel() that failed.
                await self._layer.group_send("probe", JOINED)
                await self._listen()
            except Exception as error:  # whatever it is: the watch serves meanwhile, and it is tried again
                if not self._warned:
                    expected = isinstance(error, RedisError | OSError)
                    logger.warning("subscription_failed", error=type(error).__name__, exc_info=not expected)
                self._warned = True
            await self._wait(asyncio.sleep(AGAIN_AFTER))

    async def _listen(self) -> None:
        channel = await shortcuts.new_channel(self._layer, self._heard.put_nowait)
        try:
            await self._layer.group_add(self._group, channel)
            self._warned = False
            self._heard.put_nowait(JOINED)
            await self._wait(self._hear(channel))
        finally:
            await self._layer.group_discard(self._group, channel)

    async def _hear(self, channel: str) -> None:
        while True:
            self._heard.put_nowait(await self._layer.receive(channel))

    async def _wait(self, event: Coroutine[Any, Any, None]) -> None:
        """Where it may be cancelled; in the middle of joining the layer would keep what was begun."""
        self._waiting = True
        if self._ended:
            self._task.cancel()
        try:
            await event
        finally:
            self._waiting = False
