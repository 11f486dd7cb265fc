"""From the commit to the frame on the socket, with a thousand sockets open."""

import asyncio
import json
import sys
import time
from collections import defaultdict
from statistics import median

from websockets.asyncio.client import ClientConnection

from bench.client import access
from bench.people import person
from bench.results import Row
from bench.sockets import opened
from bench.timing import p99
from bench.world import product
from core.actions import tickets
from core.models import Feed, Role

SOCKETS, SECONDS, ROUNDS = 1_000, 5, 2
RATES = (100, 500)

Latencies = dict[tuple[str, int], list[float]]


def measure() -> list[Row]:
    cleo = person("cleo", Role.CLIENT, 1)
    tickets.create(actor=cleo, title="A ticket", description="It is broken.")
    people = [person(f"dev{number}", Role.DEVELOPER, number) for number in range(SOCKETS)]
    Feed.objects.bulk_create(Feed(user=user) for user in people)
    with product() as server:
        base = f"ws://127.0.0.1:{server.port}"
        urls = [f"{base}/ws/notifications/?token={access(user)}" for user in people]
        found = asyncio.run(play([*urls, *(f"{base}/bare/ws/{user.pk}" for user in people)]))
    rows = []
    for rate in RATES:
        one, other = found["ours", rate], found["bare", rate]
        title = f"commit → frame, {SOCKETS:,} sockets, {rate} events/s"
        rows.append(Row(f"{title}, p50", "ms", median(one) * 1e3, median(other) * 1e3, 1.7, against="bare consumer"))
        rows.append(Row(f"{title}, p99", "ms", p99(one) * 1e3, p99(other) * 1e3, 3, against="bare consumer"))
        rows.append(Row(f"{title}, frames lost", "", rate * SECONDS * ROUNDS - len(one), None, 0))
    return rows


async def play(urls: list[str]) -> Latencies:
    """Both kinds in turns at each rate, with all sockets open."""
    arrived: list[tuple[float, str | bytes]] = []
    found: Latencies = defaultdict(list)
    async with opened(urls) as sockets:
        listeners = [asyncio.create_task(listen(one, arrived)) for one in sockets]
        for _ in range(ROUNDS):
            for rate in RATES:
                for kind in ("ours", "bare"):
                    stamps = await produce(kind, rate)
                    found[kind, rate] += latencies(arrived, stamps)
                    arrived.clear()
        for task in listeners:
            task.cancel()
    return found


async def listen(one: ClientConnection, arrived: list[tuple[float, str | bytes]]) -> None:
    async for frame in one:
        arrived.append((time.monotonic(), frame))  # noqa: PERF401 - its time is when it comes


async def produce(kind: str, rate: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.producer", kind, str(rate), str(SECONDS)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    stamps: dict[str, float] = json.loads(output)
    return stamps


def latencies(arrived: list[tuple[float, str | bytes]], stamps: dict[str, float]) -> list[float]:
    titles = ((moment, json.loads(frame)["ticket"]["title"]) for moment, frame in arrived)
    return [moment - stamps[title] for moment, title in titles]
