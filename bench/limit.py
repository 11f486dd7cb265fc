"""`python -m bench.limit PORT`: what Redis publishes to `limit.N` goes to the socket at /N, by `websockets`.

No Django, no Channels, nobody asked who they are, nothing kept: nothing in Python on one Redis is much quicker.
"""

import asyncio
import os
import sys

from redis.asyncio import Redis
from websockets.asyncio.server import ServerConnection, serve

sockets: dict[str, ServerConnection] = {}


async def hold(socket: ServerConnection) -> None:
    name = socket.request.path.removeprefix("/") if socket.request else ""
    sockets[name] = socket
    await socket.wait_closed()
    del sockets[name]


async def main(port: int) -> None:
    async with Redis.from_url(os.environ["REDIS_URL"]) as redis, redis.pubsub() as heard:
        await heard.psubscribe("limit.*")
        async with serve(hold, "127.0.0.1", port, compression=None, ping_interval=None):
            async for message in heard.listen():
                if message["type"] == "pmessage":
                    name = message["channel"].decode().removeprefix("limit.")
                    await sockets[name].send(message["data"], text=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
