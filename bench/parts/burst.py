"""One change that tells a thousand people at once: how many frames a second from its commit to the last of them."""

import asyncio
import sys
from statistics import median

from bench.client import access
from bench.live import Arrivals, Produce, first_ticket, heard, latencies, people, producer
from bench.process import settled
from bench.results import Row
from bench.sockets import opened
from bench.world import product, started
from tests.stack import free_port, wait_until_listening

PEOPLE, ROUNDS = 1_000, 5
KINDS = ("v2", "bare", "limit")


def measure() -> list[Row]:
    first_ticket()
    tokens = [access(user) for user in people("v2", PEOPLE)]
    limit_port = free_port()
    with product() as server, started(sys.executable, "-m", "bench.limit", str(limit_port)) as limit:
        wait_until_listening(limit_port, limit)
        urls = [f"ws://127.0.0.1:{server.port}/ws/notifications/?v=2&token={token}" for token in tokens]
        urls += [f"ws://127.0.0.1:{server.port}/bare/ws/{number}" for number in range(PEOPLE)]
        urls += [f"ws://127.0.0.1:{limit_port}/{number}" for number in range(PEOPLE)]
        rates = asyncio.run(play(urls, server.started[0].pid))
    what = f"one change tells {PEOPLE:,} people, sockets with v=2"
    note = f"a bare Channels consumer: {rates['bare']:,.0f} /s"
    against = "websockets on Redis pub/sub, nothing else"
    return [Row(what, "/s", rates["v2"], rates["limit"], 0.4, at_most=False, against=against, note=note)]


async def play(urls: list[str], process: int) -> dict[str, float]:
    """The medians of all kinds, in turns; the first round imports and connects."""
    async with opened(urls) as sockets, heard(sockets) as arrived, producer() as produce:
        await settled(process)
        rounds = [{kind: await one_burst(kind, produce, arrived) for kind in KINDS} for _ in range(1 + ROUNDS)]
    return {kind: median(one[kind] for one in rounds[1:]) for kind in KINDS}


async def one_burst(kind: str, produce: Produce, arrived: Arrivals) -> float:
    """Frames a second until the last had come."""
    came = await latencies(arrived, await produce(kind, PEOPLE, 1, PEOPLE), PEOPLE)
    if len(came) != PEOPLE:
        raise RuntimeError(f"{kind}: {len(came)} came of {PEOPLE}.")
    return PEOPLE / max(came)
