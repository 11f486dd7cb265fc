"""HTTP requests, whole before a thread is taken for them, and answers kept until the thread is free again.

So a client that sends or reads slowly costs a coroutine, never one of the few threads; and what is large waits on
disk, not in memory.
"""

import asyncio
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from a2wsgi import WSGIMiddleware
from asgiref.typing import ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, ASGISendEvent, HTTPScope
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from core.actions import tokens
from core.domain.errors import SignInRefused
from core.files.limits import MAX_BODY, MEGABYTE
from core.stream import Stream

HTTP_THREADS = 6  # 4 to 10 measure alike; a few to spare for requests that wait for the one SQLite writer
BODY_SECONDS = 30.0  # for a megabyte, at most
UPLOAD_SECONDS = 300.0
UPLOADS = 16  # at a time: 160 MB of disk at most
ANSWER_SECONDS = 300.0  # for the client to read it
UPLOAD = re.compile("/api/tickets/[0-9]+/attachments/")  # the only path that takes more than a megabyte
PIECE = 65_536
LINGER_SECONDS = 5.0

Headers = Iterable[tuple[bytes, bytes]]

wsgi: Any = get_wsgi_application()  # Any: a2wsgi and Django spell WSGI's types differently
uploads = asyncio.Semaphore(UPLOADS)
threads: Any = WSGIMiddleware(wsgi, workers=HTTP_THREADS)


class TooLarge(Exception):
    """Nothing here takes a body over DATA_UPLOAD_MAX_MEMORY_SIZE, but uploads do."""


async def http(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    if scope["path"] == "/healthz" and scope["method"] in ("GET", "HEAD"):
        return await alive(send)
    if not is_upload(scope):
        return await take(scope, receive, send, settings.DATA_UPLOAD_MAX_MEMORY_SIZE, BODY_SECONDS)
    if uploads.locked():
        again = (b"retry-after", b"5")
        return await refuse(scope, receive, send, 503, "too_busy", "Too many uploads at once. Try again soon.", again)
    async with uploads:
        return await take(scope, receive, send, MAX_BODY, UPLOAD_SECONDS)


def is_upload(scope: HTTPScope) -> bool:
    """Whether more than usual is taken: only of who shows a token that we signed; the view asks for the session."""
    if scope["method"] != "POST" or not UPLOAD.fullmatch(scope["path"]):
        return False
    scheme, _, token = dict(scope["headers"]).get(b"authorization", b"").partition(b" ")
    try:
        tokens.read_access(token.strip().decode("ascii", errors="replace"))
    except SignInRefused:
        return False
    return scheme.lower() == b"bearer"


async def take(
    scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, limit: int, seconds: float
) -> None:
    stream = None
    with SpooledTemporaryFile(MEGABYTE) as body:
        try:
            async with asyncio.timeout(seconds):
                whole = await read_whole(scope, receive, body, limit)
        except TooLarge:
            if limit < MAX_BODY and scope["method"] == "POST" and UPLOAD.fullmatch(scope["path"]):
                bearer = (b"www-authenticate", b'Bearer realm="api"')
                return await refuse(scope, receive, send, 401, "token_invalid", "Sign in to upload.", bearer)
            await refuse(scope, receive, send, 413, "too_large", "The request body is too large.")
        except TimeoutError:
            await refuse(scope, receive, send, 408, "too_slow", "The request body took too long.")
        else:
            if whole:
                stream = await serve(scope, body, send)
    if stream:
        await stream.go_on(receive)
    return None


async def alive(send: ASGISendCallable) -> None:
    """Answered here, as core/views/health.py does elsewhere: also while every thread waits for the database."""
    body = json.dumps({"status": "ok"}).encode()
    await begin(send, 200, body, [(b"content-type", b"application/json"), (b"cache-control", b"no-store")])
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def read_whole(scope: HTTPScope, receive: ASGIReceiveCallable, body: IO[bytes], limit: int) -> bool:
    """Fill `body`; False when the client has gone."""
    if int(dict(scope["headers"]).get(b"content-length", 0)) > limit:
        raise TooLarge
    while (event := await receive())["type"] == "http.request":
        body.write(event["body"])
        if body.tell() > limit:
            raise TooLarge
        if not event["more_body"]:
            return True
    return False


async def serve(scope: HTTPScope, body: IO[bytes], send: ASGISendCallable) -> Stream | None:
    """Let a thread answer, and send the answer when the thread is done with it, or return the stream that goes on."""
    length = body.tell()
    body.seek(0)
    failed: list[OSError] = []
    starts: list[Any] = []  # of events
    with SpooledTemporaryFile(MEGABYTE) as answer:

        async def receive() -> ASGIReceiveEvent:
            piece = body.read(PIECE)
            return {"type": "http.request", "body": piece, "more_body": body.tell() < length}

        async def keep(event: ASGISendEvent) -> None:
            if event["type"] != "http.response.body":
                starts.append(event)
                return
            try:
                answer.write(event["body"])
            except OSError as error:  # raised here it would leave the thread waiting for ever
                failed.append(error)

        asked: dict[str, Any] = {**scope, "headers": headers_of(scope, length)}
        await threads(asked, receive, keep)
        if failed:
            raise failed[0]
        if "stream" in asked:  # by views/stream.py
            answer.seek(0)
            return Stream(asked["stream"], starts[0]["headers"], answer.read(), send)
        with suppress(TimeoutError):  # the server closes a connection whose answer is not complete
            async with asyncio.timeout(ANSWER_SECONDS):
                await send(starts[0])
                await pass_on(answer, send)
    return None


async def pass_on(answer: IO[bytes], send: ASGISendCallable) -> None:
    answer.seek(0)
    while piece := answer.read(PIECE):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def headers_of(scope: HTTPScope, length: int) -> Headers:
    """The headers as WSGI may see them.

    It cannot tell "_" from "-": anyone could add to a proxy's X-Forwarded-For. And it knows no chunked bodies.
    """
    framing = (b"content-length", b"transfer-encoding")
    kept = [(name, value) for name, value in scope["headers"] if b"_" not in name and name not in framing]
    return [*kept, (b"content-length", str(length).encode())]


async def refuse(
    scope: HTTPScope,
    receive: ASGIReceiveCallable,
    send: ASGISendCallable,
    status: int,
    code: str,
    detail: str,
    *headers: tuple[bytes, bytes],
) -> None:
    """Answer, then let the client send on for a moment: many read only when they have sent everything."""
    api = scope["path"].startswith("/api/")
    body = (json.dumps({"detail": detail, "code": code}) if api else detail).encode()
    kind = b"application/json" if api else b"text/plain"
    await begin(send, status, body, [(b"content-type", kind), (b"connection", b"close"), *headers])
    await send({"type": "http.response.body", "body": body, "more_body": True})
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while (event := await receive())["type"] == "http.request" and event["more_body"]:
                pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def begin(send: ASGISendCallable, status: int, body: bytes, headers: Headers) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length], "trailers": False})
