"""From the commit to the frame or event, for clients that are told everything: sockets with `v=2`, and SSE."""

import asyncio
import sys
from statistics import median

from bench.client import access
from bench.live import Latencies, first_ticket, heard, in_turns, people, producer
from bench.process import settled
from bench.results import Row
from bench.sockets import opened
from bench.streams import streaming
from bench.timing import p99
from bench.world import product, started
from tests.end_to_end.server import Processes
from tests.stack import free_port, wait_until_listening

EACH, SECONDS, ROUNDS = 1_000, 3, 2
RATES = (100, 500)
OURS = {"v2": "sockets with v=2", "sse": "SSE streams"}


def measure() -> list[Row]:
    first_ticket()
    v2, sse = ([access(user) for user in people(kind, EACH)] for kind in OURS)
    limit_port = free_port()
    with product() as server, started(sys.executable, "-m", "bench.limit", str(limit_port)) as limit:
        wait_until_listening(limit_port, limit)
        base = f"ws://127.0.0.1:{server.port}"
        urls = [f"{base}/ws/notifications/?v=2&token={token}" for token in v2]
        urls += [f"{base}/bare/ws/{number}" for number in range(EACH)]
        urls += [f"ws://127.0.0.1:{limit_port}/{number}" for number in range(EACH)]
        found = asyncio.run(play(urls, server, sse))
    return [row for rate in RATES for kind in OURS for row in rows(found, kind, rate)]


async def play(urls: list[str], server: Processes, tokens: list[str]) -> Latencies:
    async with (
        opened(urls) as sockets,
        streaming(server.port, tokens) as streams,
        heard(sockets, streams) as arrived,
        producer() as produce,
    ):
        await settled(server.started[0].pid)
        return await in_turns([*OURS, "bare", "limit"], RATES, SECONDS, ROUNDS, produce, arrived)


def rows(found: Latencies, kind: str, rate: int) -> list[Row]:
    one, bare, limit = found[kind, rate], found["bare", rate], found["limit", rate]
    title = f"commit → client, {EACH:,} {OURS[kind]}, {rate} events/s"
    made = []
    for name, number in (("p50", median), ("p99", p99)):
        least = f"websockets on Redis pub/sub, nothing else: {number(limit) * 1e3:.3g} ms"
        ours, theirs = number(one) * 1e3, number(bare) * 1e3
        made.append(Row(f"{title}, {name}", "ms", ours, theirs, 2, against="bare consumer", note=least))
    return [*made, Row(f"{title}, lost", "", rate * SECONDS * ROUNDS - len(one), None, 0)]
