"""Nothing missed: people with a socket, a stream and a poller each, while lines are cut and processes die.

In the end every client knows every notification of its person, each told once and in order, which of them are read,
and how many are not. `make chaos` plays the whole of it, the suite a tenth.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from tests.end_to_end import house
from tests.end_to_end.device import Device
from tests.end_to_end.devices import Poller, Socket, Stream
from tests.end_to_end.life import Life, end_all
from tests.end_to_end.server import CHAOS
from tests.stack import stack

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(900 if CHAOS else 240)]
READY, SETTLED = 30.0, 45.0  # seconds; what Redis has lost without anybody noticing, the watch finds within 30 s

ELSEWHERE = '"logger": "channels_redis'  # it says so itself when it has lost Redis


class Size(NamedTuple):
    people: int
    team: int
    events: int
    seconds: float
    poll_every: float


WHOLE = Size(people=200, team=20, events=20_000, seconds=150, poll_every=15)
TENTH = Size(people=20, team=10, events=2_000, seconds=10, poll_every=3)
SMALL = Size(people=8, team=4, events=300, seconds=6, poll_every=2)


@pytest.mark.skipif(stack() != "embedded", reason="the embedded set-up")
def test_nobody_misses_anything_in_one_process(tmp_path: Path) -> None:
    with house.embedded(tmp_path) as product:
        play(product, SMALL)


@pytest.mark.skipif(stack() != "distributed", reason="needs PostgreSQL and Redis")
def test_nobody_misses_anything_whoever_dies(tmp_path: Path) -> None:
    with house.distributed(tmp_path) as product:
        play(product, WHOLE if CHAOS else TENTH)


def play(product: house.House, size: Size) -> None:
    made = product.ask("make", size.people, size.team)
    devices, report = asyncio.run(live(product, made, size, Random()))
    counts = sum((device.counts for device in devices), Counter[str]())
    report = f"{report}; {dict(sorted(counts.items()))}"
    print(report)  # noqa: T201 - what `make chaos` is run for
    problems = [problem for device in devices for problem in device.problems]
    assert not problems, f"{report}\n{len(problems)} problems:\n" + "\n".join(problems[:20])
    lines = product.processes.output().splitlines()
    assert not [line for line in lines if "Traceback" in line and ELSEWHERE not in line]


async def live(product: house.House, made: dict[str, Any], size: Size, chance: Random) -> tuple[list[Device], str]:
    """Everybody is connected, the storm goes on and is over, and everybody is in step: each within bounds."""
    devices: list[Device] = [
        kind(product.url, int(user_id), token, Random(chance.random()))
        for user_id, token in made["people"].items()
        for kind in (Socket, Stream, partial(Poller, every=size.poll_every))
    ]
    client = Poller(product.url, 0, made["client"], chance, every=0)
    running = [asyncio.create_task(device.run()) for device in devices]
    times = [time.monotonic()]
    try:
        await until(lambda: all(device.settled for device in devices), running, READY)
        assert all(device.settled for device in devices), [str(device) for device in devices if not device.settled]
        times.append(time.monotonic())
        life = Life(client, devices, made["tickets"], chance)
        await life.go_on(size.events, size.seconds, product.strikes)
        assert life.done["events"] >= size.events
        times.append(time.monotonic())
        truth = await asyncio.to_thread(product.ask, "truth")

        def apart(device: Device) -> list[str]:
            return device.differences(truth[str(device.user_id)])

        await until(lambda: not any(map(apart, devices)), running, SETTLED)
        for device in devices:
            device.problems += apart(device)
    finally:
        await end_all(running)
    times.append(time.monotonic())
    connecting, storm, settling = (round(after - before, 1) for before, after in pairwise(times))
    return [client, *devices], f"connected in {connecting} s, storm {storm} s, in step {settling} s; {dict(life.done)}"


async def until(condition: Callable[[], bool], running: list[asyncio.Task[None]], seconds: float) -> None:
    """Wait for it, so long at most, unless one of those that run for ever has failed."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end and not any(task.done() for task in running):
        await asyncio.sleep(0.2)
