"""Two people chat over real processes' sockets; a third, who is no member, is told nothing and hears nothing."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.end_to_end import house
from tests.end_to_end.http import Answer, ask
from tests.stack import stack

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(120)]
SOON = 10.0  # seconds, on a busy machine too


def test_two_people_chat_and_a_third_hears_nothing(tmp_path: Path) -> None:
    set_up = house.distributed if stack() == "distributed" else house.embedded
    with set_up(tmp_path) as product:
        people = product.ask("make", 3, 3)["people"]
        asyncio.run(chat(product.url, people))
        assert "Traceback" not in product.processes.output()


class Phone:
    """A person's socket of v2; what it has heard is kept."""

    def __init__(self, url: str, user_id: str, token: str, socket: ClientConnection) -> None:
        self.url, self.user_id, self.token, self.socket = url, int(user_id), token, socket
        self.heard: list[dict[str, Any]] = []

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        return await ask(self.url, method, path, self.token, body)

    async def say(self, kind: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def hears(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next frame like this; others may come before it."""
        async with asyncio.timeout(SOON):
            while True:
                self.heard.append(json.loads(await self.socket.recv()))
                if (self.heard[-1] | fields | {"type": kind}) == self.heard[-1]:
                    return self.heard[-1]

    async def sees(self, action: str, conversation: int, *, unread: int) -> dict[str, Any]:
        frame = await self.hears("message", action=action, conversation=conversation, unread_message_count=unread)
        return frame["message"] or {}


async def chat(url: str, people: dict[str, str]) -> None:
    async with AsyncExitStack() as leaving:
        (first, _), (second, _), (third, _) = people.items()
        dev, other, desk, outsider = [
            await connected(leaving, url, who, people[who]) for who in (first, second, second, third)
        ]
        opened = await dev.ask("POST", "/api/conversations/", {"members": [other.user_id]})
        assert opened.status == 201
        await talk(dev, other, opened.body["id"])
        await write(dev, other, desk, opened.body["id"])
        await try_to_join(outsider, opened.body["id"])
        await other.socket.close()
        await dev.hears("presence", conversation=opened.body["id"], present=False)
        assert {frame["type"] for frame in outsider.heard} == {"hello", "error", "pong"}


async def connected(leaving: AsyncExitStack, url: str, user_id: str, token: str) -> Phone:
    address = f"{url.replace('http', 'ws', 1)}/ws/notifications/?v=2&token={token}"
    socket = await leaving.enter_async_context(connect(address, proxy=None, compression=None))
    phone = Phone(url, user_id, token, socket)
    await phone.hears("hello")
    return phone


async def talk(dev: Phone, other: Phone, room: int) -> None:
    """Whoever comes learns who is there; typing is heard."""
    await until_heard(dev, other, room)
    await dev.say("presence", ref=2, conversation=room, present=True)
    await dev.hears("ok", ref=2)
    await other.say("presence", conversation=room, present=True)
    user = (await dev.hears("presence", conversation=room, present=True))["user"]
    assert user["id"] == other.user_id
    await other.hears("presence", conversation=room, present=True)
    await dev.say("typing", conversation=room)
    assert (await other.hears("typing", conversation=room))["user"]["id"] == dev.user_id


async def until_heard(dev: Phone, other: Phone, room: int) -> None:
    """A moment after `hello` a socket is in its group; what is lost until then of a chat, nobody misses."""
    for sender, hearer in ((dev, other), (other, dev)):
        for _ in range(20):
            await sender.say("typing", conversation=room)
            try:
                async with asyncio.timeout(0.5):
                    await hearer.hears("typing", conversation=room)
                break
            except TimeoutError:
                continue


async def write(dev: Phone, other: Phone, desk: Phone, room: int) -> None:
    """Message frames go both ways; what is read on one device is read on the other."""
    messages = f"/api/conversations/{room}/messages/"
    said = await dev.ask("POST", messages, {"body": "It blinks no more."})
    assert said.status == 201
    assert await other.sees("posted", room, unread=1) == await desk.sees("posted", room, unread=1) == said.body
    assert await dev.sees("posted", room, unread=0) == said.body
    assert (await other.ask("POST", f"/api/conversations/{room}/read/", {})).status == 200
    await desk.sees("read", room, unread=0)
    answer = await other.ask("POST", messages, {"body": "Did you turn it on?"})
    assert await dev.sees("posted", room, unread=1) == answer.body
    listed = (await dev.ask("GET", messages)).body["results"]
    assert [one["body"] for one in listed] in (bodies := [said.body["body"], answer.body["body"]], bodies[::-1])


async def try_to_join(outsider: Phone, room: int) -> None:
    for method, path, body in (
        ("GET", f"/api/conversations/{room}/", None),
        ("GET", f"/api/conversations/{room}/messages/", None),
        ("POST", f"/api/conversations/{room}/messages/", {"body": "Hello?"}),
        ("POST", f"/api/conversations/{room}/read/", {}),
    ):
        assert (await outsider.ask(method, path, body)).status == 404
    await outsider.say("typing", ref=1, conversation=room)
    await outsider.hears("error", ref=1, code="not_found")
    await outsider.say("presence", ref=2, conversation=room, present=True)
    await outsider.hears("error", ref=2, code="not_found")
    await outsider.say("ping", ref=3)
    await outsider.hears("pong", ref=3)
