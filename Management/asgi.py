"""ASGI entry point: WebSockets run on the event loop, everything else in Django's WSGI handler.

That is twice as fast as Django's own ASGI handler (docs/adr/0009), which moves each request between threads.
"""

import asyncio
import os
from typing import Any

import django
from a2wsgi import WSGIMiddleware
from asgiref.typing import ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, Scope

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "Management.settings")
django.setup()

from channels.routing import URLRouter  # noqa: E402 - from here on imports need the applications
from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import re_path  # noqa: E402

from core.notifications import publish  # noqa: E402
from core.routing import websocket_urlpatterns  # noqa: E402

HTTP_THREADS = 6  # 4 to 10 measure alike; a few to spare for requests that wait for the one SQLite writer
UNKNOWN_PATH = 4404


async def close_unknown(_scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Accept, then close with a code: a browser shows a refusal before that as a bare 1006."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    await send({"type": "websocket.close", "code": UNKNOWN_PATH, "reason": "Unknown path"})


async def lifespan(receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """While the server runs, frames are published on its own loop: the in-memory layer needs that."""
    await receive()
    publish.use_loop(asyncio.get_running_loop())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    publish.use_loop(None)
    await send({"type": "lifespan.shutdown.complete"})


async def body_first(receive: ASGIReceiveCallable) -> ASGIReceiveCallable:
    """Wait for the request's body before a thread is taken: slow senders must not hold all threads."""
    events: list[ASGIReceiveEvent] = []
    size, more = 0, True
    while more and size <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:  # what is larger is refused, or read as it comes
        event = await receive()
        events.append(event)
        more = event["type"] == "http.request" and event["more_body"]
        size += len(event["body"]) if event["type"] == "http.request" else 0

    async def replay() -> ASGIReceiveEvent:
        return events.pop(0) if events else await receive()

    return replay


wsgi: Any = get_wsgi_application()  # Any: a2wsgi and Django spell WSGI's types differently
http: Any = WSGIMiddleware(wsgi, workers=HTTP_THREADS)
sockets = URLRouter([*websocket_urlpatterns, re_path(r"", close_unknown)])  # type: ignore[arg-type]


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "websocket":
        await sockets(scope, receive, send)
    else:
        # WSGI cannot tell "_" from "-": without this anyone could add to a proxy's X-Forwarded-For.
        headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
        await http({**scope, "headers": headers}, await body_first(receive), send)
