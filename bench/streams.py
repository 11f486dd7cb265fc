"""Many SSE streams at once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bench.sockets import AT_ONCE

REQUEST = "GET /api/notifications/stream/?token={} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"


@asynccontextmanager
async def streaming(port: int, tokens: Sequence[str]) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Open one stream for each token, some at a time; each is read up to its first event."""
    turn = asyncio.Semaphore(AT_ONCE)
    writers: list[asyncio.StreamWriter] = []

    async def open_one(token: str) -> asyncio.StreamReader:
        async with turn, asyncio.timeout(60):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
            writer.write(REQUEST.format(token).encode())
            if b" 200 " not in (head := await reader.readuntil(b"\r\n\r\n")):
                raise RuntimeError(f"No stream: {head!r}")
            await reader.readuntil(b"\n\n")
            return reader

    try:
        yield await asyncio.gather(*(open_one(token) for token in tokens))
    finally:
        for writer in writers:
            writer.close()
