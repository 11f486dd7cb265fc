"""The product's sockets, and beside them the simplest consumer that does the same for one group."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
django.setup()

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope  # noqa: E402 - needs the applications
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.routing import URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

from Management.asgi import application as product  # noqa: E402


class Bare(AsyncJsonWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(f"bare.{self.scope['url_route']['kwargs']['number']}", self.channel_name)
        await self.accept()

    async def bare_frame(self, message: dict[str, Any]) -> None:
        await self.send_json(message["frame"])


bare: Any = URLRouter([path("bare/ws/<int:number>", Bare.as_asgi())])


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    is_bare = scope["type"] == "websocket" and scope["path"].startswith("/bare/")
    await (bare if is_bare else product)(scope, receive, send)
