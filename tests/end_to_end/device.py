"""What every client does, whatever it is connected by: it keeps its inbox, comes back when it is cut, and complains.

It keeps to the guide: a list to begin with and after a reset, then only what it is told; its position is what it asks
to go on from; what it is told again it knows by the id.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from random import Random
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.end_to_end.http import Answer, ask

CUT = (OSError, EOFError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidMessage)
INBOX = "/api/notifications/"
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds
FORGETFUL = 0.03  # how often a client comes back with a position of another life
ANOTHER_LIFE = "another"
SHORT_LINES = 0.1  # how often a line is cut at a notification that was missed, before the next of them


class Device(ABC):
    kind: str

    def __init__(self, url: str, user_id: int, token: str, chance: Random) -> None:
        self.url, self.user_id, self.token, self.chance = url, user_id, token, chance
        self.known: dict[int, list[Any]] = {}  # by id: seq, is_read, is_archived
        self.listed: set[int] = set()  # known from a list, so that they may be told once more
        self.list_seq = 0
        self.unread_count = 0
        self.seq, self.epoch = -1, ""
        self.told_up_to = 0  # the newest notification of this connection
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.settled = False  # whether this connection has told what was missed
        self.whole = True  # whether any has, since one was cut in the middle of that
        self.transport: asyncio.BaseTransport | None = None

    @abstractmethod
    async def connect(self) -> bool:
        """Be connected until the connection is cut; returns whether to come back at once."""

    async def run(self) -> None:
        """Come back for ever, after a pause of any length up to one that doubles: full jitter."""
        pause = FIRST_PAUSE
        while True:
            at_once = False
            try:
                if not self.epoch:
                    await self.read_list()
                self.told_up_to = self.seq
                at_once = await self.connect()
            except CUT as error:
                self.counts[f"cut: {type(error).__name__}"] += 1
            self.whole = self.whole or self.settled
            pause = FIRST_PAUSE if self.settled else min(2 * pause, LONGEST_PAUSE)
            self.settled, self.transport = False, None
            if not at_once:
                await asyncio.sleep(self.chance.uniform(0, pause))

    def cut(self) -> None:
        """Lose the connection, with whatever is under way on it."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    def cut_short(self, frame: dict[str, Any]) -> None:
        """Now and then, in the middle of what was missed; not again before that has been told whole."""
        if frame.get("replay") and self.whole and self.chance.random() < SHORT_LINES:
            self.whole = False
            self.cut()
            raise ConnectionResetError("cut in the middle of what was missed")

    def epoch_to_resume(self) -> str:
        """Now and then a wrong one, which must end in a reset."""
        if self.chance.random() >= FORGETFUL:
            return self.epoch
        self.counts["forgot"] += 1
        return ANOTHER_LIFE

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A request that works, sooner or later: it may be cut, and its own first try may still be under way."""
        while True:
            try:
                answer = await ask(self.url, method, path, self.token, body, **headers)
            except CUT as error:
                self.counts[f"asked again: {type(error).__name__}"] += 1
            else:
                if answer.status < 400:
                    return answer
                assert answer.status == 409, f"{self}, {method} {path}: {answer.status} {answer.body}"
            await asyncio.sleep(self.chance.uniform(0, 0.5))

    async def read_list(self, position: int | None = None) -> None:
        """Fetch everything anew; go on from `position`, or from that of the list."""
        known: dict[int, list[Any]] = {}
        first = None
        for path in ("?page_size=100&cursor=", "?page_size=100&archived=true&cursor="):
            following: str | None = INBOX + path
            while following:
                page = (await self.ask("GET", following)).body
                first = first or page
                known |= {row["id"]: state_of(row) for row in page["results"]}
                following = page["next"] and "?".join(urlsplit(page["next"])[2:4])
        assert first is not None
        self.known, self.listed, self.list_seq = known, set(known), first["seq"]
        self.unread_count, self.epoch = first["unread_count"], first["epoch"]
        self.seq = first["seq"] if position is None else position
        self.told_up_to = self.seq

    async def reset(self, frame: dict[str, Any]) -> None:
        self.counts[f"reset: {frame['reason']}"] += 1
        if frame["reason"] != "epoch":
            self.complain(f"an unexpected reset: {frame}")
        await self.read_list(frame["seq"])

    def notified(self, frame: dict[str, Any]) -> None:
        key, seq = frame["id"], frame["seq"]
        if seq <= self.told_up_to:
            self.complain(f"{seq} was told after {self.told_up_to} on one connection: {frame}")
        self.told_up_to = seq
        if key in self.known:
            if not frame.get("replay") and key not in self.listed:
                self.complain(f"notification {key} was told again, live: {frame}")
            self.counts["repeats"] += 1
        self.listed.discard(key)
        self.known[key] = state_of(frame)
        self.unread_count = frame["unread_count"]

    async def changed(self, frame: dict[str, Any]) -> None:
        """What became of older ones: first those up to a position, then those that are named."""
        for state in self.known.values():
            if state[0] <= frame.get("all_up_to_seq", 0):
                state[1] = True
        for name, is_read, is_archived in (
            ("read_ids", True, False),
            ("unread_ids", False, False),
            ("archived_ids", True, True),
        ):
            for key in frame.get(name, ()):
                if key not in self.known:
                    await self.read_one(key)
                self.known[key][1:] = [is_read, is_archived]
        self.unread_count = frame["unread_count"]

    async def read_one(self, key: int) -> None:
        """It has crossed over to the archive, or back, between two pages of the list; any other has been missed."""
        self.known[key] = state_of((await self.ask("GET", f"{INBOX}{key}/")).body)
        self.counts["unknown"] += 1
        if self.known[key][0] > self.list_seq:
            self.complain(f"notification {key} was not told: {self.known[key]}")

    def complain(self, problem: str) -> None:
        self.problems.append(f"{self}: {problem}")

    def differences(self, truth: dict[str, Any]) -> list[str]:
        """How what it knows is not what the database has."""
        wanted = {int(key): state for key, state in truth["notifications"].items()}
        missing, invented = sorted(wanted.keys() - self.known.keys()), sorted(self.known.keys() - wanted.keys())
        wrong = [
            f"{key} is {self.known[key]}, not {state}"
            for key, state in wanted.items()
            if key in self.known and self.known[key] != state
        ]
        found = [f"misses {missing}"] * bool(missing) + [f"invented {invented}"] * bool(invented) + wrong
        if self.unread_count != truth["unread_count"]:
            found.append(f"counts {self.unread_count} unread, not {truth['unread_count']}")
        return [f"{self} at {self.seq} of {truth['seq']}: {what}" for what in found]

    def __str__(self) -> str:
        return f"{self.kind} of user {self.user_id}"


def state_of(row: dict[str, Any]) -> list[Any]:
    """Of a frame or of a row of the list; a plain live frame is of something new."""
    return [row["seq"], row["is_read"], row["is_archived"]]
