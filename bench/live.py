"""From the commit to the client: everything that comes, when it came, and how long after its commit."""

import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from websockets.asyncio.client import ClientConnection

from bench.people import person
from core.actions import tickets
from core.models import Feed, Role, User

PEOPLE_EACH = 20  # one change tells so many
LATE = 5.0  # seconds; what has not come by then is lost

Arrivals = list[tuple[float, str | bytes]]
Stamps = dict[str, float]
Produce = Callable[..., Awaitable[Stamps]]
Latencies = dict[tuple[str, int], list[float]]


def people(kind: str, number: int) -> list[User]:
    """So many people to whom bench.producer tells what is of this kind."""
    made = [person(f"{kind}-{index}", Role.DEVELOPER) for index in range(number)]
    Feed.objects.bulk_create(Feed(user=user) for user in made)
    return made


def first_ticket() -> None:
    """What all that is told is about."""
    tickets.create(actor=person("cleo", Role.CLIENT), title="A ticket", description="It is broken.")


@asynccontextmanager
async def heard(
    sockets: Sequence[ClientConnection], streams: Sequence[asyncio.StreamReader] = ()
) -> AsyncIterator[Arrivals]:
    """What comes on these while this lasts."""
    arrived: Arrivals = []
    listeners = [asyncio.create_task(listen(one, arrived)) for one in sockets]
    listeners += [asyncio.create_task(read(one, arrived)) for one in streams]
    yield arrived
    for task in listeners:
        task.cancel()


async def listen(socket: ClientConnection, arrived: Arrivals) -> None:
    async for frame in socket:
        arrived.append((time.monotonic(), frame))


async def read(stream: asyncio.StreamReader, arrived: Arrivals) -> None:
    while True:
        event = await stream.readuntil(b"\n\n")
        arrived.append((time.monotonic(), event.partition(b"\ndata: ")[2]))


@asynccontextmanager
async def producer() -> AsyncIterator[Produce]:
    """Have a process of its own produce events; what it is told is in bench.producer."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.producer", stdin=pipe, stdout=pipe)

    async def produce(*order: str | int) -> Stamps:
        if not (process.stdin and process.stdout):
            raise RuntimeError("It was started with both.")
        process.stdin.write(json.dumps(order).encode() + b"\n")
        stamps: Stamps = json.loads(await process.stdout.readline())
        return stamps

    try:
        yield produce
    finally:
        await process.communicate(b"")  # the end of its input ends it


async def in_turns(
    kinds: Sequence[str], rates: Sequence[int], seconds: int, rounds: int, produce: Produce, arrived: Arrivals
) -> Latencies:
    """All kinds in turns at each rate, after one burst of each, which imports and connects."""
    for kind in kinds:
        await latencies(arrived, await produce(kind, PEOPLE_EACH, 1, PEOPLE_EACH), PEOPLE_EACH)
    found: Latencies = defaultdict(list)
    for _ in range(rounds):
        for rate in rates:
            for kind in kinds:
                stamps = await produce(kind, rate, seconds, PEOPLE_EACH)
                found[kind, rate] += await latencies(arrived, stamps, rate * seconds)
    return found


async def latencies(arrived: Arrivals, stamps: Stamps, expected: int) -> list[float]:
    """Wait for what is still under way; of each notification how long after its commit it came, for the first time."""
    deadline = time.monotonic() + LATE
    while len(found := first_times(arrived)) < expected and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    arrived.clear()
    return [moment - stamps[title] for (title, _), moment in found.items()]


def first_times(arrived: Arrivals) -> dict[tuple[str, int], float]:
    """When each notification came, by its title and id; `hello` and the like are none."""
    frames = [(json.loads(frame), moment) for moment, frame in reversed(arrived)]
    return {(frame["ticket"]["title"], frame["id"]): moment for frame, moment in frames if "ticket" in frame}
