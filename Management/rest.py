"""HTTP requests, whole before a thread is taken for them, and answers kept until the thread is free again.

So a client that sends or reads slowly costs a coroutine, never one of the few threads.
"""

import asyncio
import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from a2wsgi import WSGIMiddleware
from asgiref.typing import ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, ASGISendEvent, HTTPScope
from django.conf import settings
from django.core.wsgi import get_wsgi_application

HTTP_THREADS = 6  # 4 to 10 measure alike; a few to spare for requests that wait for the one SQLite writer
BODY_SECONDS = 30.0  # for a megabyte, at most
LINGER_SECONDS = 5.0

Headers = Iterable[tuple[bytes, bytes]]

wsgi: Any = get_wsgi_application()  # Any: a2wsgi and Django spell WSGI's types differently
threads: Any = WSGIMiddleware(wsgi, workers=HTTP_THREADS)


class TooLarge(Exception):
    """Nothing here takes a body over DATA_UPLOAD_MAX_MEMORY_SIZE."""


async def http(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    if scope["path"] == "/healthz" and scope["method"] in ("GET", "HEAD"):
        return await alive(send)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await whole_body(scope, receive)
    except TooLarge:
        await refuse(scope, receive, send, 413, "too_large", "The request body is too large.")
    except TimeoutError:
        await refuse(scope, receive, send, 408, "too_slow", "The request body took too long.")
    else:
        if body is not None:
            await serve(scope, body, send)
    return None


async def alive(send: ASGISendCallable) -> None:
    """Answered here, as core/views/health.py does elsewhere: also while every thread waits for the database."""
    body = json.dumps({"status": "ok"}).encode()
    await begin(send, 200, body, [(b"content-type", b"application/json"), (b"cache-control", b"no-store")])
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def whole_body(scope: HTTPScope, receive: ASGIReceiveCallable) -> bytes | None:
    """The body; None when the client has gone."""
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if int(dict(scope["headers"]).get(b"content-length", 0)) > limit:
        raise TooLarge
    body = bytearray()
    while (event := await receive())["type"] == "http.request":
        body += event["body"]
        if len(body) > limit:
            raise TooLarge
        if not event["more_body"]:
            return bytes(body)
    return None


async def serve(scope: HTTPScope, body: bytes, send: ASGISendCallable) -> None:
    """Let a thread answer, and send the answer when the thread is done with it."""
    answer: list[ASGISendEvent] = []

    async def receive() -> ASGIReceiveEvent:
        return {"type": "http.request", "body": body, "more_body": False}

    async def keep(event: ASGISendEvent) -> None:
        answer.append(event)

    await threads({**scope, "headers": headers_of(scope, body)}, receive, keep)
    for event in answer:
        await send(event)


def headers_of(scope: HTTPScope, body: bytes) -> Headers:
    """The headers as WSGI may see them.

    It cannot tell "_" from "-": anyone could add to a proxy's X-Forwarded-For. And it knows no chunked bodies.
    """
    framing = (b"content-length", b"transfer-encoding")
    kept = [(name, value) for name, value in scope["headers"] if b"_" not in name and name not in framing]
    return [*kept, (b"content-length", str(len(body)).encode())]


async def refuse(
    scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, status: int, code: str, detail: str
) -> None:
    """Answer, then let the client send on for a moment: many read only when they have sent everything."""
    api = scope["path"].startswith("/api/")
    body = (json.dumps({"detail": detail, "code": code}) if api else detail).encode()
    kind = b"application/json" if api else b"text/plain"
    await begin(send, status, body, [(b"content-type", kind), (b"connection", b"close")])
    await send({"type": "http.response.body", "body": body, "more_body": True})
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while (event := await receive())["type"] == "http.request" and event["more_body"]:
                pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def begin(send: ASGISendCallable, status: int, body: bytes, headers: Headers) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length], "trailers": False})
