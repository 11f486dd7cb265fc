"""Messages for one connection, in order. asyncio's queue would do, but takes 3 KB for each of thousands.

Its client may read slowly or not at all, so it keeps only so many: what the database knows is read from there.
"""

import asyncio
from typing import Any

MOST = 1_000
JOINED = {"type": "feed.joined"}  # what was committed before this message has to be read


class Mailbox:
    """Everybody on the loop puts, one task gets."""

    def __init__(self) -> None:
        self._messages: list[dict[str, Any]] = []
        self._came: asyncio.Future[None] | None = None

    def put_nowait(self, message: dict[str, Any]) -> None:
        if len(self._messages) >= MOST:
            self._messages = [*newest_of_each_kind(self._messages), JOINED]
        self._messages.append(message)
        if self._came and not self._came.done():
            self._came.set_result(None)

    async def get(self) -> dict[str, Any]:
        """Wait for the next message; cancelled, it takes none."""
        while not self._messages:
            self._came = asyncio.get_running_loop().create_future()
            await self._came
        return self._messages.pop(0)


def newest_of_each_kind(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those about the feed: they say what the database says, too."""
    newest = {message["type"]: message for message in messages}
    return [message for kind, message in newest.items() if not kind.startswith("feed.")]
