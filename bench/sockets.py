"""Many sockets at once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from websockets.asyncio.client import ClientConnection, connect

AT_ONCE = 20


@asynccontextmanager
async def opened(urls: Sequence[str]) -> AsyncIterator[list[ClientConnection]]:
    """Open one socket for each URL, some at a time."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def open_one(url: str) -> ClientConnection:
        async with turn:
            return await connect(url, compression=None, ping_interval=None, open_timeout=60, close_timeout=1)

    sockets = await asyncio.gather(*(open_one(url) for url in urls))
    try:
        yield sockets
    finally:
        await asyncio.gather(*(one.close() for one in sockets))
