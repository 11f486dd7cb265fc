"""Messages for one connection, in order. asyncio's queue would do, but takes 3 KB for each of thousands.

Its client may read slowly or not at all, so it keeps only so many: what the database knows is read from there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Dispatch = Callable[[dict[str, Any]], Awaitable[None]]

MOST = 1_000
JOINED = {"type": "feed.joined"}  # what was committed before this message has to be read


class Mailbox:
    """Everybody on the loop puts, one task takes."""

    def __init__(self) -> None:
        self._messages: list[dict[str, Any]] = []
        self._came: asyncio.Future[None] | None = None

    def put_nowait(self, message: dict[str, Any]) -> None:
        if len(self._messages) >= MOST:
            self._messages = [*newest_of_each_kind(self._messages), JOINED]
        self._messages.append(message)
        self.wake()

    def take(self) -> dict[str, Any] | None:
        """The next message, if there is one."""
        return self._messages.pop(0) if self._messages else None

    async def wait(self) -> None:
        """Until there is a message, or somebody wakes; all others on the loop have their turn meanwhile."""
        if self._messages:
            await asyncio.sleep(0)
        else:
            self._came = asyncio.get_running_loop().create_future()
            await self._came

    def wake(self, _done: object = None) -> None:
        if self._came and not self._came.done():
            self._came.set_result(None)


async def in_turns(receive: Receive, mailbox: Mailbox, dispatch: Dispatch) -> None:
    """Dispatch what is received and what is in the mailbox, in turns. channels' own makes a task of each message."""

    def next_one() -> asyncio.Future[dict[str, Any]]:
        task = asyncio.ensure_future(receive())
        task.add_done_callback(mailbox.wake)
        return task

    received = next_one()
    try:
        while True:
            if received.done():
                await dispatch(received.result())
                received = next_one()
            if (message := mailbox.take()) is not None:
                await dispatch(message)
            if not received.done():
                await mailbox.wait()
    finally:
        received.cancel()
        with suppress(asyncio.CancelledError):
            await received


def newest_of_each_kind(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those about the feed: they say what the database says, too."""
    newest = {message["type"]: message for message in messages}
    return [message for kind, message in newest.items() if not kind.startswith("feed.")]
