"""HTTP on asyncio streams, for clients by the hundred: HTTP/1.0, so that a body ends where its connection does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PATIENCE = 20.0  # seconds


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: Any


class Opened(NamedTuple):
    """An answer whose body is still to be read."""

    status: int
    headers: dict[str, str]
    reader: asyncio.StreamReader
    transport: asyncio.WriteTransport


async def ask(url: str, method: str, path: str, token: str, body: Any = None, **headers: str) -> Answer:
    """One request and its whole answer; ConnectionError when it breaks off."""
    async with asyncio.timeout(PATIENCE), opened(url, method, path, token, body, **headers) as answer:
        content = await answer.reader.read()
        if len(content) != int(answer.headers.get("content-length", 0)):
            raise ConnectionResetError("cut in the middle of an answer")
        return Answer(answer.status, answer.headers, json.loads(content) if content else None)


@asynccontextmanager
async def opened(
    url: str, method: str, path: str, token: str, body: Any = None, **headers: str
) -> AsyncIterator[Opened]:
    """Ask, and read the head of the answer."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        content = b"" if body is None else json.dumps(body).encode()
        sent = {"Host": where.netloc, "Authorization": f"Bearer {token}", "Content-Length": str(len(content))}
        sent |= {"Content-Type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
        head = "".join(f"{name}: {text}\r\n" for name, text in sent.items())
        writer.write(f"{method} {path} HTTP/1.0\r\n{head}\r\n".encode() + content)
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        told = dict(line.lower().split(": ", 1) for line in lines if line)
        yield Opened(int(first.split()[1]), told, reader, writer.transport)
    finally:
        writer.transport.abort()
