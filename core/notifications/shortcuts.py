"""Two short cuts through channels_redis: many messages in one round trip, and none through a queue of its own.

What is on the wire is what group_send() writes and receive() reads. Any other layer goes the long way.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

Put = Callable[[dict[str, Any]], None]


async def send(layer: Any, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Send each `(group, message)`, in order."""
    if len(messages) > 1 and isinstance(layer, RedisPubSubChannelLayer):
        await publish(layer, messages)
        return
    for group, message in messages:
        await layer.group_send(group, message)


async def publish(layer: Any, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """As the layer does with one message, under the same lock. Each shard is a Redis of its own."""
    shards: dict[Any, list[tuple[str, bytes]]] = {}
    for group, message in messages:
        channel = layer._get_group_channel_name(group)
        shards.setdefault(layer._get_shard(channel), []).append((channel, layer.serialize(message)))
    for shard, published in shards.items():
        async with shard._lock:
            shard._ensure_redis()
            async with shard._redis.pipeline(transaction=False) as commands:
                for channel, data in published:
                    commands.publish(channel, data)
                await commands.execute()


async def new_channel(layer: Any, put: Put) -> str:
    """A channel whose messages may be put as they come, rather than received."""
    channel: str = await layer.new_channel()
    if isinstance(layer, RedisPubSubChannelLayer):
        layer.channels[channel] = Straight(layer.deserialize, put)
    return channel


class Straight:
    """Stands where the layer has a queue for a channel, which takes 3 KB, and a task to be woken for each message."""

    def __init__(self, deserialize: Callable[[bytes], dict[str, Any]], put: Put) -> None:
        self._deserialize, self._put = deserialize, put
        self._unreadable: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def put_nowait(self, data: bytes) -> None:
        try:
            message = self._deserialize(data)
        except ValueError:
            if not self._unreadable.done():
                self._unreadable.set_result(data)
        else:
            self._put(message)

    async def get(self) -> bytes:
        """What cannot be read, so that it fails for whoever receives it, and not for all whom the layer serves."""
        return await self._unreadable
