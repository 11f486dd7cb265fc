"""Somebody comes back who missed 300 notifications, among a million rows."""

import asyncio
import json
from functools import partial
from statistics import median
from time import perf_counter

from websockets.asyncio.client import ClientConnection

from bench.big import fill
from bench.client import access
from bench.people import person
from bench.results import Row
from bench.sockets import opened
from bench.timing import seconds
from bench.world import database, product
from core.models import Feed, Role
from core.notifications import feed

SIZE, MISSED, ROUNDS = 1_000_000, 300, 50
SINCE = SIZE // 10 - MISSED  # bench.big: a tenth is one person's


def measure() -> list[Row]:
    people = [person(name, Role.ADMIN) for name in ["newest", "oldest", "others"]]
    Feed.objects.bulk_create(Feed(user=user) for user in people)
    token = access(people[0])
    with database() as server:
        fill(server, [user.pk for user in people], SIZE)
    read = partial(feed.replay, people[0].pk, SINCE, None)
    if len(read().created) != MISSED:
        raise RuntimeError("Not everything that was missed is replayed.")
    read_ms = median(seconds(read) for _ in range(ROUNDS)) * 1e3
    with product() as web:
        told_ms = asyncio.run(replayed(f"ws://127.0.0.1:{web.port}/ws/notifications/?token={token}&v=2")) * 1e3
    what = f"replay of {MISSED} missed among {SIZE:,} rows"
    return [
        Row(f"{what}, on an open socket until replay_complete", "ms", told_ms, None, 50),
        Row(f"{what}, only read", "ms", read_ms, None, 50),
    ]


async def replayed(url: str) -> float:
    """The median time from `resume` to `replay_complete`."""
    async with opened([url]) as (socket,):
        epoch = json.loads(await socket.recv())["epoch"]
        return median([await resume(socket, epoch) for _ in range(ROUNDS)])


async def resume(socket: ClientConnection, epoch: str) -> float:
    began, frames = perf_counter(), 0
    await socket.send(json.dumps({"type": "resume", "since": SINCE, "epoch": epoch, "ref": "1"}))
    while (frame := json.loads(await socket.recv()))["type"] != "replay_complete":
        frames += frame["type"] == "notification"
    if frames != MISSED:
        raise RuntimeError(f"{frames} came of {MISSED}.")
    return perf_counter() - began
