"""Messages for one connection, in order. asyncio's queue would do, but takes 3 KB for each of thousands."""

import asyncio
from typing import Any


class Mailbox:
    """Everybody on the loop puts, one task gets."""

    def __init__(self) -> None:
        self._messages: list[dict[str, Any]] = []
        self._came: asyncio.Future[None] | None = None

    def put_nowait(self, message: dict[str, Any]) -> None:
        self._messages.append(message)
        if self._came and not self._came.done():
            self._came.set_result(None)

    async def get(self) -> dict[str, Any]:
        """Wait for the next message; cancelled, it takes none."""
        while not self._messages:
            self._came = asyncio.get_running_loop().create_future()
            await self._came
        return self._messages.pop(0)
