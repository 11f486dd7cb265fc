"""What an open socket that nothing happens on costs the server in memory."""

import asyncio

from bench.client import access
from bench.people import person
from bench.process import held
from bench.results import Row
from bench.sockets import opened
from bench.world import product
from core.models import Role

PEOPLE, EACH = 100, 20
SETTLE_SECONDS = 5
KINDS = {"an idle socket": "", "an idle socket with v=2": "&v=2"}


def measure() -> list[Row]:
    tokens = [access(person(f"user{number}", Role.CLIENT)) for number in range(PEOPLE)]
    return [row(what, parameter, tokens) for what, parameter in KINDS.items()]


def row(what: str, parameter: str, tokens: list[str]) -> Row:
    with product() as server:
        process = server.started[0].pid
        urls = [f"ws://127.0.0.1:{server.port}/ws/notifications/?token={token}{parameter}" for token in tokens]
        asyncio.run(grown(process, urls[:1]))  # what the first socket imports and starts
        kilobytes = asyncio.run(grown(process, urls * EACH))
    number = PEOPLE * EACH
    return Row(f"memory of {what}, {number:,} open", "KB", kilobytes / number, None, 40)


async def grown(process: int, urls: list[str]) -> float:
    """By how many KB the process is larger with these sockets open."""
    before = held(process).kilobytes
    async with opened(urls):
        await asyncio.sleep(SETTLE_SECONDS)
        return held(process).kilobytes - before
