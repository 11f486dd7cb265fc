"""ASGI entry point: WebSockets run on the event loop, everything else in Django's WSGI handler.

That is twice as fast as Django's own ASGI handler (docs/adr/0009), which moves each request between threads.
"""

import asyncio
import os

import django
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "Management.settings")
django.setup()

from channels.routing import URLRouter  # noqa: E402 - from here on imports need the applications
from django.conf import settings  # noqa: E402
from django.urls import re_path  # noqa: E402

from core.management.loopback import is_loopback  # noqa: E402
from core.notifications import publish  # noqa: E402
from core.routing import websocket_urlpatterns  # noqa: E402
from Management.rest import http  # noqa: E402

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


sockets = URLRouter([*websocket_urlpatterns, re_path(r"", close_unknown)])  # type: ignore[arg-type]


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http":
        await http(scope, receive, send)
    elif settings.DEMO and not is_loopback((scope["client"] or ("", 0))[0]):
        # As middleware.demo_stays_here says; closed before it is accepted, the handshake is a 403.
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
    else:
        await sockets(scope, receive, send)
