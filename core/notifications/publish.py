"""Pushes frames to open sockets: handed to a running event loop, never waited for, lost without harm.

What is missed here is read from the database by the consumer (feed.py).
"""

import asyncio
import os
import threading
from collections.abc import Sequence
from typing import Any

import structlog
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from core.notifications import shortcuts

PATIENCE = 2.0  # seconds for those sent together: the layer's own connection has no limit
TOGETHER = 250  # messages; it takes some 3 ms to write them, in which nothing else happens on the loop

logger = structlog.get_logger(__name__)


class Publisher:
    """The loop to publish on: the server's own where there is one, else a background thread's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = os.getpid()

    def use_loop(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Publish on this running loop; the in-memory layer works on the consumers' own loop only."""
        with self._lock:
            self._loop, self._process = loop, os.getpid()

    def loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            # After a fork the parent's loop has no thread here.
            if self._loop is None or self._loop.is_closed() or self._process != os.getpid():
                self._loop, self._process = asyncio.new_event_loop(), os.getpid()
                threading.Thread(target=self._loop.run_forever, name="publisher", daemon=True).start()
            return self._loop


publisher = Publisher()
use_loop = publisher.use_loop


def group_of(user_id: int) -> str:
    """The channel layer group of a person's sockets."""
    return f"user.{user_id}"


def push(messages: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """Send each `(user id, message)` to that person's sockets; returns at once."""
    asyncio.run_coroutine_threadsafe(_send(messages), publisher.loop())


async def _send(messages: Sequence[tuple[int, dict[str, Any]]]) -> None:
    layer = get_channel_layer()
    for first in range(0, len(messages), TOGETHER):
        part = [(group_of(user_id), message) for user_id, message in messages[first : first + TOGETHER]]
        try:
            async with asyncio.timeout(PATIENCE):
                await shortcuts.send(layer, part)
        except Exception as error:  # nobody waits for this task, so nobody else would say it
            # Without Redis nobody is pushed to; consumers read the database until it is back.
            surprise = not isinstance(error, RedisError | OSError)
            logger.warning("push_failed", error=type(error).__name__, left_out=len(messages), exc_info=surprise)
            return
