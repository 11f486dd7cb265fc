"""From the commit to the frame on a plain client's socket, with a thousand sockets open."""

import asyncio
from statistics import median

from bench.client import access
from bench.live import Latencies, first_ticket, heard, in_turns, people, producer
from bench.process import settled
from bench.results import Row
from bench.sockets import opened
from bench.timing import p99
from bench.world import product

SOCKETS, SECONDS, ROUNDS = 1_000, 5, 2
RATES = (100, 500)


def measure() -> list[Row]:
    first_ticket()
    tokens = [access(user) for user in people("plain", SOCKETS)]
    with product() as server:
        base = f"ws://127.0.0.1:{server.port}"
        urls = [f"{base}/ws/notifications/?token={token}" for token in tokens]
        urls += [f"{base}/bare/ws/{number}" for number in range(SOCKETS)]
        found = asyncio.run(play(urls, server.started[0].pid))
    rows = []
    for rate in RATES:
        one, other = found["plain", rate], found["bare", rate]
        title = f"commit → frame, {SOCKETS:,} sockets, {rate} events/s"
        rows.append(Row(f"{title}, p50", "ms", median(one) * 1e3, median(other) * 1e3, 1.7, against="bare consumer"))
        rows.append(Row(f"{title}, p99", "ms", p99(one) * 1e3, p99(other) * 1e3, 3, against="bare consumer"))
        rows.append(Row(f"{title}, frames lost", "", rate * SECONDS * ROUNDS - len(one), None, 0))
    return rows


async def play(urls: list[str], process: int) -> Latencies:
    async with opened(urls) as sockets, heard(sockets) as arrived, producer() as produce:
        await settled(process)
        return await in_turns(("plain", "bare"), RATES, SECONDS, ROUNDS, produce, arrived)
