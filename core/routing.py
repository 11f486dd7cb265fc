"""WebSocket routes."""

from typing import Any
from urllib.parse import parse_qs

from django.urls import path

from core.consumer_v2 import ConsumerV2
from core.consumers import NotificationConsumer


async def notifications(scope: Any, receive: Any, send: Any) -> None:
    """A client that asks for v=2 gets it; all others are plain ones."""
    version = parse_qs(scope["query_string"].decode("latin-1")).get("v")
    consumer = ConsumerV2 if version == ["2"] else NotificationConsumer
    await consumer()(scope, receive, send)


websocket_urlpatterns = [path("ws/notifications/", notifications)]  # type: ignore[arg-type]  # an ASGI application
