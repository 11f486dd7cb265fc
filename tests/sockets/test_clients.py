"""What clients do to a socket: talk, stop reading, vanish."""

import asyncio
from typing import Any

import pytest

from core.models import User
from core.socket_auth import open_sockets
from core.sockets import Socket
from tests.sockets.conftest import Tell
from tests.sockets.live import Server, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
GARBAGE = ["", "{", "null", "[]", '{"type":"mark_all_read"}', '{"type":"auth","token":"x"}', "\0", "ä" * 1000]


def test_what_a_plain_client_says_is_ignored(server: Server, ada: User, tell: Tell) -> None:
    socket = server.joined(ada)
    for text in GARBAGE:
        socket.send(text)
    socket.tell("receive", bytes=b"\xff\x00")
    assert socket.silent()
    tell()
    assert socket.frame()["seq"] == 1


def test_a_client_that_does_not_read_is_closed_with_4408(
    server: Server, ada: User, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sockets.SEND_TIMEOUT", 0.1)
    socket, other = server.joined(ada), server.joined(ada)
    block(server.in_group[0], "websocket.send")
    tell()
    assert socket.code() == 4408
    assert other.frame()["seq"] == 1
    assert open_sockets == {ada.pk: 1}


def test_a_client_that_cannot_even_be_told_so_is_given_up(
    server: Server, ada: User, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.sockets.SEND_TIMEOUT", 0.1)
    monkeypatch.setattr("core.sockets.CLOSE_TIMEOUT", 0.1)
    socket = server.joined(ada)
    block(server.in_group[0], "websocket.send", "websocket.close")
    tell()
    wait_until(socket.app.future.done)
    assert open_sockets == {}


@pytest.mark.parametrize("error", [OSError, RuntimeError])
def test_a_client_that_vanished_gives_its_place_back(
    server: Server, ada: User, tell: Tell, error: type[Exception]
) -> None:
    """As uvicorn tells it: ClientDisconnected is an OSError; RuntimeError, when it has closed by itself."""

    async def gone(message: dict[str, Any]) -> None:
        raise error

    socket, other = server.joined(ada), server.joined(ada)
    server.in_group[0].base_send = gone
    tell()
    wait_until(socket.app.future.done)
    assert other.frame()["seq"] == 1
    assert open_sockets == {ada.pk: 1}


def block(consumer: Socket, *kinds: str) -> None:
    """From now on, messages of these kinds wait for a client that does not read."""
    send = consumer.base_send

    async def blocked(message: dict[str, Any]) -> None:
        if message["type"] in kinds:
            await asyncio.sleep(60)
        await send(message)

    consumer.base_send = blocked
