"""What an open socket that nothing happens on costs the server in memory."""

import asyncio
import re
from pathlib import Path

from bench.client import access
from bench.people import person
from bench.results import Row
from bench.sockets import opened
from bench.world import product
from core.models import Role

PEOPLE, EACH = 100, 20
SETTLE_SECONDS = 5


def measure() -> list[Row]:
    tokens = [access(person(f"user{number}", Role.CLIENT, number)) for number in range(PEOPLE)]
    with product() as server:
        process = server.started[0].pid
        urls = [f"ws://127.0.0.1:{server.port}/ws/notifications/?token={token}" for token in tokens]
        asyncio.run(grown(process, urls[:1]))  # what the first socket imports and starts
        kilobytes = asyncio.run(grown(process, urls * EACH))
    number = PEOPLE * EACH
    return [Row(f"memory of an idle socket, {number:,} open", "KB", kilobytes / number, None, 40)]


async def grown(process: int, urls: list[str]) -> float:
    """By how many KB the process is larger with these sockets open."""
    before = resident(process)
    async with opened(urls):
        await asyncio.sleep(SETTLE_SECONDS)
        return resident(process) - before


def resident(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    if found is None:
        raise RuntimeError(f"How large is process {process}?")
    return int(found[1])
