"""WebSocket routes."""

from typing import Any

from django.urls import path

from core.consumer_v2 import ConsumerV2
from core.consumers import NotificationConsumer
from core.socket_auth import query


async def notifications(scope: Any, receive: Any, send: Any) -> None:
    """A client that asks for v=2 gets it; all others are plain ones."""
    consumer = ConsumerV2 if query(scope).get("v") == ["2"] else NotificationConsumer
    await consumer()(scope, receive, send)


websocket_urlpatterns = [path("ws/notifications/", notifications)]  # type: ignore[arg-type]  # an ASGI application
