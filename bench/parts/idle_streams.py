"""What an open SSE stream that nothing happens on costs the server: memory, and neither a thread nor a connection."""

import asyncio

from bench.client import access
from bench.people import person
from bench.process import Held, held
from bench.results import Row
from bench.streams import streaming
from bench.world import product
from core.models import Role

PEOPLE, EACH = 50, 20
SETTLE_SECONDS = 5


def measure() -> list[Row]:
    tokens = [access(person(f"user{number}", Role.CLIENT)) for number in range(PEOPLE)]
    with product() as server:
        before, during = asyncio.run(play(server.port, server.started[0].pid, tokens))
    number = PEOPLE * EACH
    what = f"{number:,} idle SSE streams"
    none = "none open"
    return [
        Row(f"memory of each of {what}", "KB", (during.kilobytes - before.kilobytes) / number, None, 30),
        Row(f"threads with {what}", "", during.threads, before.threads, 1, against=none),
        Row(f"database connections with {what}", "", during.connections, before.connections, 1, against=none),
    ]


async def play(port: int, process: int, tokens: list[str]) -> tuple[Held, Held]:
    """With none open any more, and with all."""
    async with streaming(port, tokens):  # what the first ones import and start
        await asyncio.sleep(SETTLE_SECONDS)
    await asyncio.sleep(SETTLE_SECONDS)
    before = held(process)
    async with streaming(port, tokens * EACH):
        await asyncio.sleep(SETTLE_SECONDS)
        return before, held(process)
