"""Frames are counted over any second, of whatever kind they are."""

from types import SimpleNamespace

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.uri import parse_uri

from core.management.socket_protocol import MAX_FRAMES_A_SECOND, Frames

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
