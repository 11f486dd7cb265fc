"""What v2 clients ask for, what they are answered, and what becomes of those that cannot behave."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connections
from django.utils import timezone

from core.actions import one_time_tickets, sessions
from core.models import NotificationLog, Session, User
from core.notifications import feed
from core.socket_auth import open_sockets
from tests.sockets.conftest import Tell
from tests.sockets.live import SOON, Client, Server
from tests.sockets.test_client_frames import BAD_JSON
from tests.sockets.test_v2 import failing, keys, opened

pytestmark = pytest.mark.django_db(transaction=True)


def both(socket: Client) -> list[dict[str, Any]]:
    """The next two frames, the state first: `ok` may come before or after it."""
    return sorted(socket.frames(2), key=lambda frame: frame["type"], reverse=True)


def unread_of(user: User) -> int:
    return feed.unread_count(feed.read(user.pk))


def test_ping_and_pong(server: Server, ada: User) -> None:
    socket, _ = opened(server, ada)
    for ref in ("a", 5, None):
        socket.say("ping", ref=ref)
        assert socket.frame() == {"type": "pong", "ref": ref}


def test_a_read_shows_on_all_devices_also_on_the_one_that_did_it(server: Server, ada: User, tell: Tell) -> None:
    for _ in range(3):
        tell()
    first, second, _ = keys(ada)
    (phone, _), (laptop, _) = opened(server, ada), opened(server, ada)
    phone.say("mark_read", ref="r1", ids=[first, second, 2**60])
    state = {"type": "state", "seq": 4, "read_ids": keys(ada)[1::-1], "unread_count": 1}
    assert both(phone) == [state, {"type": "ok", "ref": "r1", "unread_count": 1}]
    assert laptop.frame() == state
    phone.say("mark_read", ref="r2", ids=[first])
    assert phone.frame() == {"type": "ok", "ref": "r2", "unread_count": 1}
    assert laptop.silent()


def test_all_are_read_up_to_what_the_client_has_seen(server: Server, ada: User, tell: Tell) -> None:
    for _ in range(3):
        tell()
    socket, _ = opened(server, ada)
    socket.say("mark_all_read", ref=1, up_to_seq=2)
    state = {"type": "state", "seq": 4, "all_up_to_seq": 2, "unread_count": 1}
    assert both(socket) == [state, {"type": "ok", "ref": 1, "unread_count": 1}]
    socket.say("mark_all_read", ref=2)
    assert both(socket)[1] == {"type": "ok", "ref": 2, "unread_count": 0}
    assert unread_of(ada) == 0


def test_what_is_not_ones_own_stays_as_it_is(server: Server, ada: User, dan: User, tell: Tell) -> None:
    tell()
    socket, _ = opened(server, dan)
    socket.say("mark_read", ref=1, ids=keys(ada))
    assert socket.frame() == {"type": "ok", "ref": 1, "unread_count": 0}
    assert unread_of(ada) == 1


def test_resume_tells_again_and_then_answers(server: Server, ada: User, tell: Tell) -> None:
    for _ in range(2):
        tell()
    socket, _ = opened(server, ada)
    socket.say("resume", ref="r", since=1, epoch="0")
    frames = socket.frames(3)
    assert (frames[0]["seq"], frames[0]["replay"]) == (2, True)
    assert frames[1:] == [{"type": "replay_complete", "seq": 2}, {"type": "ok", "ref": "r", "unread_count": 2}]
    socket.say("resume", ref="s", since=1, epoch="x")
    assert socket.frame() == {"type": "reset", "reason": "epoch", "epoch": "0", "seq": 2}
    assert socket.frame()["ref"] == "s"
    tell()
    assert socket.frame()["seq"] == 3
    assert socket.silent()


def test_ack_takes_what_was_told_and_no_more(server: Server, ada: User, tell: Tell) -> None:
    tell()
    socket, _ = opened(server, ada)
    socket.say("ack", ref=1, seq=1)
    assert socket.frame() == {"type": "ok", "ref": 1, "unread_count": 1}
    socket.say("ack", ref=2, seq=2)
    error = socket.frame()
    assert (error["type"], error["ref"], error["code"]) == ("error", 2, "invalid")


def test_bad_frames_are_answered_and_the_tenth_in_a_minute_is_4400(
    server: Server, ada: User, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell()
    clock = SimpleNamespace(monotonic=lambda: 0.0)
    monkeypatch.setattr("core.consumer_v2.time", clock)
    (socket, _), (other, _) = opened(server, ada), opened(server, ada)
    for text in ['{"type": "ack", "seq": 5}', '{"type": "mark_all_read", "up_to_seq": -1}', *BAD_JSON[:6]]:
        socket.send(text)
        assert socket.frame()["retryable"] is False
    socket.tell("receive", bytes=b"\xff\x00")
    assert socket.frame()["code"] == "bad_json"
    clock.monotonic = lambda: 61.0
    for text in (*BAD_JSON[:6], *BAD_JSON[:3]):
        socket.send(text)
        assert socket.frame()["code"] == "bad_json"
    socket.send("{")
    assert socket.code() == 4400
    assert other.silent(0)
    assert unread_of(ada) == 1
    assert open_sockets == {ada.pk: 1}


def test_without_a_database_a_command_may_be_tried_again(
    server: Server, ada: User, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell()
    socket, _ = opened(server, ada)
    with monkeypatch.context() as away:
        away.setattr("core.consumer_v2.mark", failing(OperationalError))
        for _ in range(11):  # no fault of the client's
            socket.say("mark_all_read", ref=1)
            error = socket.frame()
            assert (error["ref"], error["code"], error["retryable"]) == (1, "database_unavailable", True)
    socket.say("mark_all_read", ref=2)
    assert {frame["type"] for frame in socket.frames(2)} == {"state", "ok"}


def test_what_is_no_outage_is_a_bug_and_ends_the_socket(
    server: Server, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket, _ = opened(server, ada)
    monkeypatch.setattr("core.consumer_v2.mark", failing(IntegrityError))
    socket.say("mark_all_read")
    with pytest.raises(IntegrityError):
        server.call(socket.app.wait(SOON))
    assert open_sockets == {}


@pytest.mark.parametrize("is_active", [True, False])
def test_nobody_acts_in_a_session_that_has_ended(server: Server, ada: User, tell: Tell, is_active: bool) -> None:
    tell()
    socket, _ = opened(server, ada)
    User.objects.filter(pk=ada.pk).update(is_active=is_active)
    if is_active:
        Session.objects.update(ended_at=timezone.now())
    socket.say("mark_all_read")
    assert socket.code() == (4401 if is_active else 4403)
    assert unread_of(ada) == 1


def test_auth_lets_it_live_on_with_another_session(server: Server, ada: User) -> None:
    found, renewed = sessions.start(user=ada), sessions.start(user=ada)
    socket, _ = opened(server, found.access)
    socket.say("auth", ref=1, token=renewed.access)
    assert socket.frame() == {"type": "ok", "ref": 1, "unread_count": 0}
    sessions.sign_out(session=found.session, refresh=found.refresh)
    socket.say("mark_all_read", ref=2)
    assert socket.frame()["type"] == "ok"


def test_auth_refuses_the_tokens_of_others_ended_sessions_and_used_tickets(
    server: Server, ada: User, dan: User
) -> None:
    own, foreign, ended = (sessions.start(user=user) for user in (ada, dan, ada))
    ticket = one_time_tickets.issue(session=own.session)
    socket, _ = opened(server, own.access)
    sessions.sign_out(session=ended.session, refresh=ended.refresh)
    codes = []
    for token in (ticket, ticket, foreign.access, ended.access, own.refresh, "", "\ud800"):
        socket.say("auth", ref=1, token=token)
        frame = socket.frame()
        codes.append(frame.get("code", frame["type"]))
    assert codes == ["ok", "token_invalid", "permission_denied", "session_ended", *["token_invalid"] * 3]
    socket.say("mark_all_read", ref=2)
    assert socket.frame()["type"] == "ok"


def test_what_arrives_while_all_is_marked_read_stays_unread_on_every_device(
    server: Server, ada: User, tell: Tell
) -> None:
    devices = phone, _ = [opened(server, ada)[0] for _ in range(2)]
    told: dict[Client, list[dict[str, Any]]] = {device: [] for device in devices}
    with ThreadPoolExecutor(1) as arriving:
        for number in range(100):
            arrived = arriving.submit(tell)
            phone.say("mark_all_read", ref=number)
            answered = False
            while not answered:
                told[phone].append(phone.frame())
                answered = told[phone][-1].get("ref") == number
            arrived.result()
        arriving.submit(connections.close_all).result()
    top = feed.read(ada.pk)
    unread = {row.pk for row in NotificationLog.objects.filter(pk__in=keys(ada)) if feed.is_unread(top, row)}
    assert (len(keys(ada)), len(unread)) == (100, feed.unread_count(top))
    for device, frames in told.items():
        while max(position_of(frame) for frame in [{}, *frames]) < top.top_seq:
            frames.append(device.frame())
        assert shown_as_unread(frames) == unread
        assert [frame["unread_count"] for frame in frames if "unread_count" in frame][-1] == len(unread)


def position_of(frame: dict[str, Any]) -> int:
    """Where a client is with this frame; in a replay only with its end."""
    return 0 if frame.get("replay") else frame.get("seq", 0)


def shown_as_unread(frames: list[dict[str, Any]]) -> set[int]:
    """What a client shows that does as the frames say."""
    seen: dict[int, dict[str, Any]] = {}
    for frame in frames:
        if frame["type"] == "notification":
            seen[frame["id"]] = frame
        for one in seen.values():
            one["is_read"] |= one["seq"] <= frame.get("all_up_to_seq", 0)
    return {key for key, one in seen.items() if not one["is_read"]}
