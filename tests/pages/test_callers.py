"""Who is answered: in demo mode this machine only; and what caches may keep."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from core.models import User
from Management.asgi import application
from tests.openapi import ApiClient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("demo", "address", "status"),
    [
        (True, "127.0.0.1", 200),
        (True, "::1", 200),
        (True, "203.0.113.7", 403),
        (True, "", 403),
        (False, "203.0.113.7", 200),
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/schema/"])
def test_the_demo_answers_its_own_machine_only(
    client: Client, settings: Settings, demo: bool, address: str, status: int, path: str
) -> None:
    settings.DEMO = demo
    response = client.get(path, REMOTE_ADDR=address)
    assert response.status_code == status
    assert status == 200 or "its own machine only" in response.content.decode()


@pytest.mark.parametrize("caller", [("203.0.113.7", 4711), None])
def test_its_sockets_are_refused_too(settings: Settings, caller: tuple[str, int] | None) -> None:
    settings.DEMO = True
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(event: Any) -> None:
        sent.append(event)

    scope: Any = {"type": "websocket", "path": "/ws/notifications/", "client": caller, "headers": []}
    asyncio.run(application(scope, receive, send))
    assert [event["type"] for event in sent] == ["websocket.close"]


def test_no_shared_cache_keeps_what_the_api_answers(
    client: Client, ada: User, api: Callable[[User], ApiClient]
) -> None:
    for response in (api(ada).get("/api/tickets/"), client.get("/api/tickets/"), client.get("/api/nothing/")):
        assert response["Cache-Control"] == "private, no-cache"
    assert "Cache-Control" not in client.get("/")
