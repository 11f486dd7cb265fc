"""How streams end: with the session, the server, a client that has gone or does not read, and when there are many."""

import http.client
import json
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection

from core.actions import sessions
from core.management.server import STOP_SECONDS
from core.models import User
from core.notifications.frames import state_changed
from core.notifications.publish import push
from core.socket_auth import open_sockets
from Management.rest import HTTP_THREADS
from tests.sockets.conftest import Tell
from tests.sockets.live import wait_until
from tests.sockets.test_watch import deactivate, sign_out
from tests.stream.live import SMALL, Running, Streams
from tests.stream.reader import Reader

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = "https://app.example.com"
DATABASE_THREADS = 4  # of all sockets and streams together


@pytest.mark.parametrize("end", [sign_out, deactivate])
def test_a_stream_ends_with_its_session_and_no_other_does(
    streams: Streams, ada: User, tell: Tell, end: Callable[[sessions.Tokens], None]
) -> None:
    found = sessions.start(user=ada)
    stream, same_person = streams.open(found.access), streams.open(ada)
    began = time.monotonic()
    end(found)
    assert stream.rest() == b""
    assert time.monotonic() - began < 5
    again = streams.ask(found.access)
    assert again.head()[0] == 401
    if end is sign_out:
        tell()
        assert same_person.event().id == "0:1"


def test_when_the_server_stops_streams_end_at_once_and_whole(running: Running, ada: User) -> None:
    streams = running.streams
    old = streams.open(ada)
    chunked = http.client.HTTPConnection("127.0.0.1", streams.port, timeout=5)
    token = sessions.start(user=ada).access
    chunked.request("GET", "/api/notifications/stream/", headers={"Authorization": f"Bearer {token}"})
    answer = chunked.getresponse()
    assert answer.readline() == b"event: connected\n"
    wait_until(lambda: open_sockets[ada.pk] == 2)
    began = time.monotonic()
    running.stop()
    assert time.monotonic() - began < STOP_SECONDS
    assert old.rest() == b""
    answer.read()  # raises IncompleteRead when it was cut off
    chunked.close()


def test_past_the_last_place_it_is_429_until_somebody_leaves(
    streams: Streams, ada: User, dan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.socket_auth.MAX_SOCKETS", 2)
    first, _ = streams.open(ada), streams.open(ada)
    over = streams.ask(ada, Origin=ORIGIN)
    status, headers = over.head()
    assert (status, json.loads(over.rest())["code"]) == (429, "too_many_connections")
    assert int(headers["retry-after"]) > 0
    assert headers["access-control-allow-origin"] == ORIGIN
    assert headers["content-type"] == "application/json"
    streams.open(dan)
    first.socket.close()
    wait_until(lambda: open_sockets[ada.pk] == 1)
    streams.open(ada)


def test_a_client_that_does_not_read_is_dropped_and_holds_up_nobody(
    streams: Streams, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.stream.SEND_TIMEOUT", 1.0)
    monkeypatch.setattr("core.stream.CLOSE_TIMEOUT", 0.1)
    slow = streams.ask(ada, buffer=SMALL)
    wait_until(lambda: streams.in_group)
    other = streams.open(ada)
    began = time.monotonic()
    for at in range(1, 5):
        large = {"type": "task_progress", "text": "x" * 100_000, "timestamp": float(at)}
        push([(ada.pk, state_changed(large))])
        assert len(other.event().data["text"]) == 100_000
    assert time.monotonic() - began < 3
    wait_until(lambda: open_sockets[ada.pk] == 1)
    assert b"connected" in slow.rest()


def test_many_streams_hold_neither_threads_nor_connections(
    streams: Streams, ada: User, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.socket_auth.MAX_SOCKETS", 60)
    token = sessions.start(user=ada).access
    threads = threading.active_count()
    opened: list[Reader] = [streams.open(token) for _ in range(60)]
    assert threading.active_count() <= threads + HTTP_THREADS + DATABASE_THREADS
    wait_until(lambda: connections_of_this_database() == 1)
    tell()
    assert {stream.event().id for stream in opened} == {"0:1"}


def connections_of_this_database() -> int:
    """The test's own is one; of a file there are none to count."""
    if connection.vendor != "postgresql":
        return 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        found: tuple[int] = cursor.fetchone()
    return found[0]
