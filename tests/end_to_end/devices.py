"""A client by each of the three transports."""

import asyncio
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.end_to_end.device import INBOX, Device, state_of
from tests.end_to_end.http import opened

PLANNED = 4000
# Of a server that stops, of one that is killed or a line that is cut, and of one that stops before it knows the socket.
EXPECTED_CODES = {PLANNED, 1006, 1012}
ACK_EVERY = 10  # notifications
QUIET = 30.0  # seconds; a stream says something every 15


class Socket(Device):
    """WebSocket, version 2. Its position moves with live frames, and when a replay is complete."""

    kind = "socket"
    connection: ClientConnection | None = None

    async def connect(self) -> bool:
        url = f"{self.url.replace('http', 'ws', 1)}/ws/notifications/?v=2"
        address = f"{url}&token={self.token}&since={self.seq}&epoch={self.epoch_to_resume()}"
        async with connect(address, proxy=None, compression=None, ping_interval=None) as self.connection:
            self.transport = self.connection.transport
            self.counts["connections"] += 1
            try:
                async for text in self.connection:
                    await self.hear(json.loads(text))
            except ConnectionClosed:
                self.counts["broken off"] += 1
            code = self.connection.close_code
            self.counts[f"closed: {code}"] += 1
            if code not in EXPECTED_CODES:
                self.complain(f"closed with {code}")
            return code == PLANNED

    async def hear(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "notification":
                self.notified(frame)
                if not frame.get("replay"):
                    await self.moved_to(frame["seq"])
                self.cut_short(frame)
            case "state":
                await self.changed(frame)
                await self.moved_to(frame["seq"])
            case "replay_complete":
                self.settled = True
                await self.moved_to(frame["seq"])
            case "reset":
                await self.reset(frame)
                self.settled = True
            case "ok" | "hello":
                self.counts[frame["type"]] += 1
                self.unread_count = frame["unread_count"]
            case "ping":
                pass
            case _:
                self.complain(f"unexpected: {frame}")

    async def moved_to(self, seq: int) -> None:
        self.seq = max(self.seq, seq)
        if self.seq % ACK_EVERY == 0:
            await self.say("ack", seq=self.seq)

    async def say(self, kind: str, **values: Any) -> None:
        """Whoever is cut now says it to nobody."""
        if self.settled and self.connection:
            try:
                await self.connection.send(json.dumps({"type": kind, "ref": self.counts["said"], **values}))
            except ConnectionClosed:
                return
            self.counts["said"] += 1


class Stream(Device):
    """Server-Sent Events, as EventSource reads them: its position is the id of the last event."""

    kind = "stream"

    async def connect(self) -> bool:
        resume = f"{self.epoch_to_resume()}:{self.seq}"
        async with opened(self.url, "GET", f"{INBOX}stream/", self.token, Last_Event_ID=resume) as answer:
            assert answer.status == 200, f"{self}: {answer.status}"
            self.transport = answer.transport
            self.counts["connections"] += 1
            while True:
                async with asyncio.timeout(QUIET):
                    event = (await answer.reader.readuntil(b"\n\n")).decode()
                await self.hear(dict(line.split(": ", 1) for line in event.splitlines() if ": " in line))

    async def hear(self, event: dict[str, str]) -> None:
        frame = json.loads(event["data"])
        match event["event"]:
            case "notification":
                self.notified(frame)
            case "state":
                await self.changed(frame)
            case "reset":
                await self.reset(frame)
            case "connected" | "heartbeat":
                pass
            case _:
                self.complain(f"unexpected: {event}")
        self.settled = self.settled or (event["event"] != "connected" and not frame.get("replay"))
        epoch, _, seq = event["id"].partition(":")
        if epoch == self.epoch:
            if int(seq) < self.seq:
                self.complain(f"went back from {self.seq}: {event}")
            self.seq = int(seq)
        self.cut_short(frame)


class Poller(Device):
    """Asks for what has changed since, and asks again what is cut."""

    kind = "poller"

    def __init__(self, *about: Any, every: float) -> None:
        super().__init__(*about)
        self.every = every

    async def connect(self) -> bool:
        etag, position = "", (-1, "")
        while True:
            asked = (self.seq, self.epoch_to_resume())
            self.counts["connections"] += 1
            path = f"{INBOX}changes/?since={asked[0]}&epoch={asked[1]}"
            answer = await self.ask("GET", path, If_None_Match=etag if asked == position else '""')
            if answer.status == 304:
                self.counts["not modified"] += 1
            else:
                etag, position = answer.headers.get("etag", '""'), asked
                await self.take(answer.body, forgot=asked[1] != self.epoch)
            self.settled = True
            if not (answer.body and answer.body["has_more"]):
                await asyncio.sleep(self.chance.uniform(0, 2 * self.every))

    async def take(self, page: dict[str, Any], *, forgot: bool) -> None:
        if not page["recovered"]:
            await self.reset({"reason": "epoch" if forgot else "not said", "seq": page["seq"]})
            return
        reached = self.seq + 1
        for frame in page["results"]:
            if frame["changed_seq"] < reached:
                self.complain(f"told out of order, at {reached}: {frame}")
            reached = frame["changed_seq"]
            self.known[frame["id"]] = state_of(frame)
        self.unread_count, self.seq = page["unread_count"], page["seq"]
