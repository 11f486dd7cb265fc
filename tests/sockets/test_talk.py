"""Typing and presence: heard by the other members on sockets of v2, by nobody else, and kept nowhere."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from core.actions import assign
from core.models import Conversation, Ticket, User, Watch
from core.rooms import rooms
from core.talk import MOST_CONVERSATIONS, MOST_SAID
from tests.conftest import hush
from tests.sockets.conftest import Tell
from tests.sockets.live import Client, Server, wait_until
from tests.sockets.test_v2 import failing, opened

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(ada: User, dan: User) -> Conversation:
    """Of Ada and Dan."""
    low, high = sorted([ada, dan], key=lambda user: user.pk)
    return Conversation.objects.create(low=low, high=high, created_at=timezone.now())


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch looks often."""
    monkeypatch.setattr("core.socket_watch.SESSIONS_EVERY", 0.05)


def typing(room: Conversation, who: User) -> dict[str, Any]:
    user = {"id": who.pk, "username": who.username, "full_name": who.full_name}
    return {"type": "typing", "conversation": room.pk, "user": user}


def presence(room: Conversation, who: User, *, present: bool) -> dict[str, Any]:
    return typing(room, who) | {"type": "presence", "present": present}


def enter(socket: Client, room: Conversation) -> None:
    """Be present, and wait until that is done."""
    socket.say("presence", ref="in", conversation=room.pk, present=True)
    assert socket.frame()["type"] == "ok"


def room_of(ticket: Ticket) -> Conversation:
    return Conversation.objects.create(ticket=ticket, created_at=timezone.now())


def test_typing_is_heard_by_the_other_members_on_v2_alone(
    server: Server, ada: User, dan: User, dora: User, room: Conversation
) -> None:
    (socket, _), (phone, _), (laptop, _) = opened(server, ada), opened(server, dan), opened(server, dan)
    (outsider, _), plain, (own, _) = opened(server, dora), server.joined(dan), opened(server, ada)
    socket.say("typing", conversation=room.pk)
    assert phone.frame() == laptop.frame() == typing(room, ada)
    socket.say("typing", ref="t", conversation=room.pk)
    assert socket.frame() == {"type": "ok", "ref": "t", "unread_count": 0}
    assert phone.frame() == typing(room, ada)
    assert all(quiet.silent(0.1) for quiet in (socket, own, outsider, plain))


def test_whoever_comes_learns_who_is_there_and_all_hear_of_who_goes(
    server: Server, ada: User, dan: User, room: Conversation
) -> None:
    (first, _), (second, _) = opened(server, ada), opened(server, dan)
    enter(first, room)
    assert second.frame() == presence(room, ada, present=True)
    second.say("presence", conversation=room.pk, present=True)
    assert first.frame() == presence(room, dan, present=True)
    assert second.frame() == presence(room, ada, present=True)  # the answer
    first.say("presence", conversation=room.pk, present=True)  # still there: nobody is asked
    assert second.frame() == presence(room, ada, present=True)
    assert first.silent(0.1)
    second.say("presence", conversation=room.pk, present=False)
    assert first.frame() == presence(room, dan, present=False)
    second.say("presence", conversation=room.pk, present=False)
    first.leave()
    assert second.frame() == presence(room, ada, present=False)
    assert second.silent(0.1)


def test_somebody_with_two_devices_is_there_until_the_last_has_gone(
    server: Server, ada: User, dan: User, room: Conversation
) -> None:
    (phone, _), (laptop, _), (other, _) = opened(server, ada), opened(server, ada), opened(server, dan)
    enter(phone, room)
    enter(laptop, room)
    phone.leave()
    heard = other.frames(4)
    assert [frame["present"] for frame in heard] == [True, True, False, True]
    laptop.leave()
    assert other.frame() == presence(room, ada, present=False)


def test_who_falls_silent_has_gone(
    server: Server, ada: User, dan: User, room: Conversation, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.talk.PRESENT_FOR", 0.3)
    (socket, _), (other, _) = opened(server, ada), opened(server, dan)
    enter(socket, room)
    assert [frame["present"] for frame in other.frames(2)] == [True, False]
    assert socket.frame() == presence(room, ada, present=False)  # its own client learns it, too


def test_conversations_of_others_and_none_at_all_are_not_found(
    server: Server, ada: User, dan: User, dora: User, room: Conversation
) -> None:
    (socket, _), (member, _) = opened(server, dora), opened(server, ada)
    enter(member, room)
    for key in (room.pk, room.pk + 1, 2**63 - 1):
        for kind, more in (("typing", {}), ("presence", {"present": True}), ("presence", {"present": False})):
            socket.say(kind, ref=1, conversation=key, **more)
            error = socket.frame()
            assert (error["type"], error["ref"], error["code"], error["retryable"]) == ("error", 1, "not_found", False)
    assert member.silent(0.1)


def test_the_room_of_a_ticket_is_for_those_who_see_it_as_long_as_they_do(
    server: Server, ada: User, dan: User, cleo: User, dora: User, tell: Tell, hurried: None
) -> None:
    ticket = tell()
    assign.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk])
    Watch.objects.create(ticket=ticket, user=dora, created_at=timezone.now())
    hush(ticket.pk)
    room = room_of(ticket)
    sockets = {who: opened(server, who)[0] for who in (ada, dan, cleo, dora)}
    enter(sockets[dora], room)
    for who in (ada, dan, cleo):
        assert sockets[who].frame() == presence(room, dora, present=True)
    Watch.objects.all().delete()
    for who in (ada, dan, cleo, dora):  # out within a round of the watch
        assert sockets[who].frame() == presence(room, dora, present=False)
    sockets[dan].say("typing", conversation=room.pk)
    assert sockets[ada].frame() == sockets[cleo].frame() == typing(room, dan)
    assert sockets[dora].silent(0.1)
    sockets[dora].say("typing", conversation=room.pk)
    assert sockets[dora].frame()["code"] == "not_found"


def test_nobody_is_in_the_room_of_a_ticket_that_is_gone(server: Server, ada: User, tell: Tell, hurried: None) -> None:
    ticket = tell()
    room = room_of(ticket)
    socket, _ = opened(server, ada)
    enter(socket, room)
    Ticket.objects.filter(pk=ticket.pk).update(deleted_at=timezone.now())
    assert socket.frame() == presence(room, ada, present=False)
    socket.say("typing", conversation=room.pk)
    assert socket.frame()["code"] == "not_found"


def test_a_flood_is_throttled_and_nobody_hears_it(
    server: Server, ada: User, dan: User, room: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=lambda: 0.0)
    (socket, _), (other, _) = opened(server, ada), opened(server, dan)
    monkeypatch.setattr("core.talk.time", clock)
    for _ in range(MOST_SAID):
        socket.say("typing", conversation=room.pk)
    for _ in range(15):  # it is no bad frame: the socket stays
        socket.say("typing", ref=1, conversation=room.pk)
        error = socket.frame()
        assert (error["type"], error["code"], error["retryable"]) == ("error", "throttled", True)
    assert len(other.frames(MOST_SAID)) == MOST_SAID
    clock.monotonic = lambda: 10.0
    socket.say("typing", conversation=room.pk)
    assert other.frame() == typing(room, ada)
    assert other.silent(0.1)


def test_nobody_is_in_more_conversations_than_so_many(
    server: Server, ada: User, room: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.talk.MOST_CONVERSATIONS", 0)
    socket, _ = opened(server, ada)
    socket.say("presence", conversation=room.pk, present=True)
    assert socket.frame()["code"] == "too_many_conversations"
    assert MOST_CONVERSATIONS == MOST_SAID  # whoever comes back may say again where it is


def test_what_the_channel_layer_lost_is_said_again_when_it_is_back(
    server: Server, ada: User, dan: User, room: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.notifications.subscribe.AGAIN_AFTER", 0.1)
    other, _ = opened(server, dan)
    enter(other, room)

    async def fail(*arguments: Any) -> None:
        raise OSError

    with monkeypatch.context() as away:
        away.setattr("core.notifications.shortcuts.send", fail)
        away.setattr("core.notifications.shortcuts.new_channel", fail)
        socket = server.open(ada, query="v=2")
        assert socket.frame()["type"] == "hello"
        enter(socket, room)
        assert other.silent(0.1)
    assert other.frame() == presence(room, ada, present=True)
    assert socket.frame() == presence(room, dan, present=True)


def test_without_a_database_it_may_be_said_again(
    server: Server, ada: User, dan: User, room: Conversation, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (socket, _), (other, _) = opened(server, ada), opened(server, dan)
    enter(socket, room)
    assert other.frame() == presence(room, ada, present=True)
    with monkeypatch.context() as away:
        away.setattr("core.rooms.members.of_each", failing(OperationalError))
        wait_until(lambda: not rooms._known)
        socket.say("typing", conversation=room.pk)
        error = socket.frame()
        assert (error["code"], error["retryable"]) == ("database_unavailable", True)
        assert other.silent(0.2)  # still there
    socket.say("typing", conversation=room.pk)
    assert other.frame() == typing(room, ada)
