"""The short cuts through channels_redis, beside the long way."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings
from redis.asyncio import Redis

from core.notifications import shortcuts
from tests.stack import stack

pytestmark = pytest.mark.skipif(stack() != "distributed", reason="needs Redis")

MESSAGES: list[tuple[str, dict[str, Any]]] = [
    ("user.1", {"type": "feed.notified", "seq": 1, "frame": {"message": "Zoë", "read_ids": [1, 2], "ticket": None}}),
    ("user.2", {"type": "feed.moved", "seq": 7}),
    ("user.1", {"type": "feed.moved", "seq": 2}),
]


@asynccontextmanager
async def redis_layer() -> AsyncIterator[tuple[Any, Redis]]:
    layer = RedisPubSubChannelLayer(hosts=[settings.REDIS_URL], prefix="shortcuts")
    async with Redis.from_url(settings.REDIS_URL) as redis:
        yield layer, redis
    await layer.flush()


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 10))


def test_what_is_sent_together_is_on_the_wire_what_the_layer_sends() -> None:
    async def both() -> None:
        async with redis_layer() as (layer, redis), redis.pubsub(ignore_subscribe_messages=True) as wire:
            await wire.psubscribe("shortcuts*")
            for group, message in MESSAGES:
                await layer.group_send(group, message)
            await shortcuts.send(layer, MESSAGES)
            sent = [message async for message in first(wire, 2 * len(MESSAGES))]
            assert sent[: len(MESSAGES)] == sent[len(MESSAGES) :]

    run(both())


def test_what_is_put_is_what_is_received() -> None:
    async def both() -> None:
        async with redis_layer() as (layer, _):
            heard: list[dict[str, Any]] = []
            short, long = await shortcuts.new_channel(layer, heard.append), await layer.new_channel()
            for channel in (short, long):
                await layer.group_add("user.1", channel)
            waiting = asyncio.create_task(layer.receive(short))
            await shortcuts.send(layer, MESSAGES)
            assert [await layer.receive(long) for _ in range(2)] == [MESSAGES[0][1], MESSAGES[2][1]]
            assert heard == [MESSAGES[0][1], MESSAGES[2][1]]
            waiting.cancel()
            await asyncio.wait([waiting])
            assert list(layer.channels) == [long]

    run(both())


def test_what_cannot_be_read_fails_for_the_one_who_receives_it() -> None:
    async def broken() -> None:
        async with redis_layer() as (layer, redis):
            heard: list[dict[str, Any]] = []
            bad, good = [await shortcuts.new_channel(layer, heard.append) for _ in range(2)]
            for _ in range(2):
                await redis.publish(bad, b"\x81")  # an object that ends before it has begun
            await layer.send(good, MESSAGES[1][1])
            with pytest.raises(ValueError, match="max_map_len"):
                await layer.receive(bad)
            while not heard:
                await asyncio.sleep(0.01)
            assert heard == [MESSAGES[1][1]]

    run(broken())


async def first(wire: Any, number: int) -> AsyncIterator[tuple[bytes, bytes]]:
    async for message in wire.listen():
        yield message["channel"], message["data"]
        number -= 1
        if number == 0:
            return
