"""What goes on while clients listen: comments are made, people read, lines are cut, and processes die."""

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

from tests.end_to_end.device import INBOX, Device
from tests.end_to_end.devices import Socket

HELD_BACK = 0.2  # of all events: they come when the last strike is over
WRITERS, READERS = 4, 3


class Life:
    def __init__(self, client: Device, devices: list[Device], tickets: list[tuple[int, int]], chance: Random) -> None:
        self.client, self.devices, self.tickets, self.chance = client, devices, tickets, chance
        self.sockets = [device for device in devices if isinstance(device, Socket)]
        self.done: Counter[str] = Counter()
        self.calm = asyncio.Event()  # no more strikes

    async def go_on(self, events: int, seconds: float, strikes: list[Callable[[], None]]) -> None:
        """Make so many notifications within about so many seconds, and then some more of them after the last strike."""
        around = [self.cut_lines(), *(self.read() for _ in range(READERS))]
        tasks = [asyncio.create_task(one) for one in around]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.strike(strikes, seconds))
                for _ in range(WRITERS):
                    group.create_task(self.write(events, seconds))
        finally:
            await end_all(tasks)

    async def strike(self, strikes: list[Callable[[], None]], seconds: float) -> None:
        for each in strikes:
            await asyncio.sleep(seconds / (len(strikes) + 1))
            await asyncio.to_thread(each)
            self.done["strikes"] += 1
        self.calm.set()

    async def write(self, events: int, seconds: float) -> None:
        pause = seconds * WRITERS * self.tickets[0][1] / events
        while self.done["events"] < events:
            if self.done["events"] >= (1 - HELD_BACK) * events:
                await self.calm.wait()
            ticket, people = self.chance.choice(self.tickets)
            self.done["events"] += people
            key = str(UUID(int=self.chance.getrandbits(128)))
            path, words = f"/api/tickets/{ticket}/add_comment/", {"comment": "It blinks no more."}
            await self.client.ask("POST", path, words, Idempotency_Key=key)
            await asyncio.sleep(self.chance.uniform(0, pause))

    async def read(self) -> None:
        """Somebody reads, puts away, takes out again: by REST, or over the socket."""
        while True:
            await asyncio.sleep(self.chance.uniform(0, 0.4))
            device = self.chance.choice(self.sockets)
            if not device.known:
                continue
            keys = self.chance.sample([*device.known], min(5, len(device.known)))
            earlier = self.chance.randint(0, device.seq)
            one, some = f"{INBOX}{keys[0]}", {"ids": keys}
            paths = [f"{one}/mark_as_read/", f"{one}/mark_as_unread/", f"{one}/archive/"]
            frames: list[tuple[str, dict[str, Any]]] = [("mark_read", some)]
            if self.chance.random() < 0.1:  # not often: else everything would be read
                paths = [f"{INBOX}mark_all_as_read/?up_to_seq={earlier}"]
                frames = [("mark_all_read", {}), ("mark_all_read", {"up_to_seq": earlier})]
            kind, values = self.chance.choice(frames)
            if self.chance.random() < 0.6:
                await device.ask("POST", self.chance.choice(paths))
            else:
                await device.say(kind, **values)
            self.done["acts"] += 1

    async def cut_lines(self) -> None:
        """Every client with a line about once in ten seconds."""
        while True:
            await asyncio.sleep(15 / len(self.devices))
            if connected := [device for device in self.devices if device.transport]:
                self.chance.choice(connected).cut()
                self.done["cuts"] += 1


async def end_all(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel these; what one of them has failed with is raised."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result
