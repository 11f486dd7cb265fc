"""The watch: sessions that end while a socket is open, and positions the channel layer lost."""

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError
from django.utils import timezone

from core.actions import people, sessions
from core.models import Session, User
from core.notifications import feed
from core.socket_auth import database_threads, open_sockets
from core.socket_watch import SESSIONS_EVERY, Watch, usable_sessions, watch
from core.sockets import SEND_TIMEOUT
from tests.conftest import PASSWORD
from tests.sockets.conftest import Lost, Tell
from tests.sockets.live import Server, wait_until
from tests.sockets.test_clients import block

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds follow each other fast, and each looks at positions too."""
    monkeypatch.setattr("core.socket_watch.SESSIONS_EVERY", 0.05)
    monkeypatch.setattr("core.socket_watch.POSITIONS_EVERY", 1)


def sign_out(found: sessions.Tokens) -> None:
    sessions.sign_out(session=found.session, refresh=found.refresh)


def deactivate(found: sessions.Tokens) -> None:
    User.objects.filter(pk=found.session.user_id).update(is_active=False)


def deactivate_and_end(found: sessions.Tokens) -> None:
    deactivate(found)
    Session.objects.update(ended_at=timezone.now())


def change_password_elsewhere(found: sessions.Tokens) -> None:
    elsewhere = sessions.start(user=found.session.user)
    people.change_password(session=elsewhere.session, old=PASSWORD, new="a much better one", address="192.0.2.1")


def expire(found: sessions.Tokens) -> None:
    Session.objects.update(expires_at=timezone.now())


def delete(found: sessions.Tokens) -> None:
    found.session.delete()


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (sign_out, 4401),
        (change_password_elsewhere, 4401),
        (expire, 4401),
        (delete, 4401),
        (deactivate, 4403),
        (deactivate_and_end, 4403),
    ],
)
def test_a_session_that_ends_closes_its_socket(
    server: Server, dan: User, hurried: None, end: Callable[[sessions.Tokens], None], code: int
) -> None:
    found = sessions.start(user=dan)
    socket = server.watched(found.access)
    assert socket.silent()
    end(found)
    assert socket.code() == code


def test_within_five_seconds_and_no_other_socket(server: Server, dan: User, dora: User) -> None:
    found = sessions.start(user=dan)
    ended, same_person, other = server.watched(found.access), server.watched(dan), server.watched(dora)
    sign_out(found)
    began = time.monotonic()
    assert ended.code(5) == 4401
    assert time.monotonic() - began < 5
    assert same_person.silent(0)
    assert other.silent(0)
    assert SESSIONS_EVERY < 4


def test_what_the_layer_lost_is_read_from_the_database(
    server: Server, ada: User, tell: Tell, lost: Lost, hurried: None
) -> None:
    socket = server.joined(ada)
    with lost():
        tell()
        tell()
        assert [frame["seq"] for frame in socket.frames(2)] == [1, 2]
    tell()
    assert socket.frame()["seq"] == 3
    assert socket.silent()


def test_somebody_who_was_never_told_anything_is_left_alone(server: Server, ada: User, hurried: None) -> None:
    assert server.joined(ada).silent()


def test_a_client_that_does_not_read_holds_up_nobody_else(
    server: Server, ada: User, tell: Tell, lost: Lost, hurried: None
) -> None:
    found = sessions.start(user=ada)
    slow, other, ended = server.joined(ada), server.joined(ada), server.joined(found.access)
    block(server.in_group[0], "websocket.send")
    with lost():
        tell()
        began = time.monotonic()
        assert other.frame()["seq"] == 1
        assert ended.frame()["seq"] == 1
        sign_out(found)
        assert ended.code() == 4401
        assert time.monotonic() - began < SEND_TIMEOUT
    assert slow.silent(0)


@pytest.mark.parametrize("error", [OperationalError, RuntimeError, OSError])
def test_whatever_fails_it_goes_on(
    server: Server, dan: User, hurried: None, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    failures = 0

    def fail(*arguments: Any) -> None:
        nonlocal failures
        failures += 1
        raise error

    found = sessions.start(user=dan)
    socket = server.joined(found.access)
    with monkeypatch.context() as away:
        away.setattr("core.socket_watch.usable_sessions", fail)
        wait_until(lambda: failures > 2)
    sign_out(found)
    assert socket.code() == 4401


def test_it_rests_without_sockets_and_starts_again(server: Server, dan: User, hurried: None) -> None:
    server.watched(dan).leave()
    wait_until(lambda: watch._task is not None and watch._task.done())
    found = sessions.start(user=dan)
    socket = server.watched(found.access)
    sign_out(found)
    assert socket.code() == 4401
    assert open_sockets == {}


def test_commands_that_wait_for_the_database_do_not_hold_it_up(server: Server, dan: User, hurried: None) -> None:
    found = sessions.start(user=dan)
    socket, waiting = server.watched(found.access), threading.Event()
    try:
        for _ in range(10):
            database_threads.submit(waiting.wait, 10)
        sign_out(found)
        assert socket.code() == 4401
    finally:
        waiting.set()


def test_who_signs_in_anew_while_it_looks_stays(
    server: Server, dan: User, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = server.watched(dan)
    (followed,) = watch._sockets
    rounds = 0

    def looked(ids: set[UUID]) -> dict[UUID, tuple[bool, bool]]:
        nonlocal rounds
        rounds += 1
        followed.session_id = sessions.start(user=dan).session.pk
        return {}

    with monkeypatch.context() as patch:
        patch.setattr("core.socket_watch.usable_sessions", looked)
        wait_until(lambda: rounds > 2)
    assert socket.silent()


def test_one_query_a_round_looks_after_everybody(dan: User, dora: User, django_assert_num_queries: Any) -> None:
    ids = {sessions.start(user=user).session.pk for user in (dan, dora) for _ in range(10)}
    with django_assert_num_queries(1):
        assert usable_sessions(ids) == dict.fromkeys(ids, (True, True))
    with django_assert_num_queries(1):
        assert feed.positions({dan.pk, dora.pk}) == {}


def test_leaving_twice_or_without_having_come_is_no_error() -> None:
    Watch().remove(object())  # type: ignore[arg-type]


def test_when_the_server_ends_every_socket_is_told_to_reconnect_at_once(server: Server, ada: User, cleo: User) -> None:
    sockets = [server.watched(person) for person in (ada, ada, cleo)]
    server.call(watch.drain(3))
    assert [socket.code() for socket in sockets] == [4000, 4000, 4000]


def test_a_v2_client_hears_a_ping_in_silence_a_plain_one_nothing(
    server: Server, ada: User, hurried: None, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.consumer_v2.ConsumerV2.longest_silence", 0.3)
    plain, socket = server.joined(ada), server.joined(ada, query="v=2")
    assert socket.frame()["type"] == "hello"
    began = time.monotonic()
    assert socket.frame() == {"type": "ping"}
    assert time.monotonic() - began > 0.2
    tell()
    assert socket.frame()["type"] == "notification"
    # A look at the positions may be quicker than the push: then a replay has told it.
    following = socket.frame()
    assert following["type"] == "ping" or (following["type"], socket.frame()["type"]) == ("replay_complete", "ping")
    assert plain.frame()["type"] == "notification"
    assert plain.silent(0)


def test_old_sockets_are_sent_away_to_come_again(
    server: Server, ada: User, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    young = server.watched(ada)
    monkeypatch.setattr("core.socket_watch.MAX_AGE", 0.3)
    monkeypatch.setattr("core.socket_watch.MAX_AGE_SPREAD", 1)
    assert server.watched(ada).code() == 4000
    assert young.silent(0)
