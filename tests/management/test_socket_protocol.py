"""Frames are counted over any second, of whatever kind they are; who does not read is not read."""

import asyncio
import socket
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.uri import parse_uri

from core.management.socket_protocol import MAX_FRAMES_A_SECOND, Frames, SocketProtocol

PING = Frame(Opcode.PING, b"").serialize(mask=True)
START, PIECE = (Frame(kind, b"", fin=False).serialize(mask=True) for kind in (Opcode.TEXT, Opcode.CONT))


@pytest.fixture
def frames() -> Frames:
    """Of a socket that is open."""
    client, frames = ClientProtocol(parse_uri("ws://localhost/")), Frames(max_size=100)
    client.send_request(client.connect())
    frames.receive_data(b"".join(client.data_to_send()))
    (request,) = frames.events_received()
    assert isinstance(request, Request)
    frames.send_response(frames.accept(request))
    return frames


def close_code(frames: Frames) -> int | None:
    return frames.close_sent.code if frames.close_sent else None


def test_fifty_in_any_second_are_fine_and_one_more_is_4429(frames: Frames, monkeypatch: pytest.MonkeyPatch) -> None:
    for second in (10.5, 11.5, 12.5):
        monkeypatch.setattr("core.management.socket_protocol.time", SimpleNamespace(monotonic=lambda now=second: now))
        frames.receive_data(PING * MAX_FRAMES_A_SECOND)
        assert close_code(frames) is None
    monkeypatch.setattr("core.management.socket_protocol.time", SimpleNamespace(monotonic=lambda: 13.4))
    frames.receive_data(PING)
    assert close_code(frames) == 4429


def test_nothing_is_read_after_that(frames: Frames) -> None:
    frames.receive_data(START + PIECE * 10_000)
    frames.receive_data(PING * 10_000)
    assert close_code(frames) == 4429
    assert len(frames.events_received()) == MAX_FRAMES_A_SECOND


def test_a_frame_that_is_too_large_is_4400(frames: Frames) -> None:
    frames.receive_data(Frame(Opcode.BINARY, b"x" * 101).serialize(mask=True))
    assert close_code(frames) == 4400


def test_pings_are_read_as_far_as_their_pongs_are_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.management.socket_protocol.MAX_FRAMES_A_SECOND", 10**9)
    monkeypatch.setattr(Frames, "arrived", property(lambda _: (), lambda *_: None))
    asyncio.run(pings_beside_pongs())


async def accept(_scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


async def pings_beside_pongs() -> None:
    loop, config = asyncio.get_running_loop(), uvicorn.Config(accept, log_config=None, ws_per_message_deflate=False)
    config.load()
    ours, client = socket.socketpair()
    client.setblocking(False)
    transport, _ = await loop.connect_accepted_socket(lambda: SocketProtocol(config, ServerState(), {}), ours)
    protocol = ClientProtocol(parse_uri("ws://localhost/"))
    protocol.send_request(protocol.connect())
    await loop.sock_sendall(client, b"".join(protocol.data_to_send()))
    await loop.sock_recv(client, 4096)
    ping = Frame(Opcode.PING, b"x" * 125).serialize(mask=True)
    count = 20_000
    sending = loop.create_task(loop.sock_sendall(client, ping * count))
    await asyncio.sleep(0.3)
    assert not sending.done()
    assert transport.get_write_buffer_size() < 500_000
    pongs = 0
    while pongs < count * 127:
        pongs += len(await asyncio.wait_for(loop.sock_recv(client, 65_536), 5))
    await sending
    client.close()
    await asyncio.sleep(0)
    transport.abort()
