"""The tests really run on the stack they say (tests/stack.py)."""

import asyncio
import os
from threading import Thread

import pytest
from channels.layers import channel_layers, get_channel_layer
from django.conf import settings
from django.core.mail import get_connection
from django.db import connection

from core.models import Tag

VENDORS = {"embedded": "sqlite", "distributed": "postgresql"}
LAYERS = {"embedded": "InMemoryChannelLayer", "distributed": "RedisPubSubChannelLayer"}
STACK = os.environ["TEST_STACK"]


def test_it_is_configured_like_a_real_server() -> None:
    assert not settings.DEBUG
    assert not settings.DEMO
    assert get_connection().__class__.__module__ == "core.notifications.smtp"


def test_the_database_is_the_stacks() -> None:
    assert connection.vendor == VENDORS[STACK]


@pytest.mark.django_db(transaction=True)
def test_threads_share_the_database() -> None:
    seen: list[str] = []

    def look() -> None:
        seen.extend(Tag.objects.values_list("name", flat=True))
        Tag.objects.create(name="from the thread")
        connection.close()

    Tag.objects.create(name="from the test")
    thread = Thread(target=look)
    thread.start()
    thread.join()
    assert seen == ["from the test"]
    assert Tag.objects.count() == 2


def test_the_channel_layer_is_the_stacks_and_carries() -> None:
    async def send_to_myself() -> object:
        channel_layers.backends.clear()  # a layer belongs to the loop it was made on
        layer = get_channel_layer()
        assert type(layer).__name__ == LAYERS[STACK]
        name = await layer.new_channel()
        await layer.send(name, {"type": "greeting"})
        received = await asyncio.wait_for(layer.receive(name), timeout=5)
        if hasattr(layer, "flush"):
            await layer.flush()
        channel_layers.backends.clear()
        return received

    assert asyncio.run(send_to_myself()) == {"type": "greeting"}


def test_every_test_is_watched_for_unexpected_messages(request: pytest.FixtureRequest) -> None:
    assert "_nothing_unexpected" in request.fixturenames
