"""The ways to sign in on a socket: an address, a subprotocol, a header, and with v2 the first frame."""

import pytest

from core.actions import one_time_tickets, sessions
from core.models import User
from core.socket_auth import open_sockets
from tests.sockets.conftest import Tell
from tests.sockets.live import Client, Server, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_subprotocol_carries_a_token_and_is_agreed_on(server: Server, ada: User) -> None:
    token = sessions.start(user=ada).access
    for query in ("v=2", ""):
        socket = server.open(query=query, **{"sec-websocket-protocol": f"bearer, {token}"})
        assert socket.subprotocol == "bearer"
        wait_until(lambda: open_sockets[ada.pk])
        socket.leave()


def test_another_subprotocol_is_not_agreed_on(server: Server, ada: User) -> None:
    socket = server.open(ada, query="v=2", **{"sec-websocket-protocol": "chat, bearer"})
    assert socket.subprotocol is None
    assert socket.frame()["type"] == "hello"


def test_native_clients_may_use_the_header(server: Server, ada: User, tell: Tell) -> None:
    token = sessions.start(user=ada).access
    socket = server.joined(authorization=f"Bearer {token}")
    tell()
    assert socket.frame()["seq"] == 1


@pytest.mark.parametrize("query", ["", "v=2"])
def test_a_ticket_opens_one_socket(server: Server, ada: User, query: str) -> None:
    ticket = one_time_tickets.issue(session=sessions.start(user=ada).session)
    server.joined(ticket, query=query)
    assert server.open(ticket, query=query).code() == 4401
    assert open_sockets == {ada.pk: 1}


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer x"},
        {"authorization": "Bearer"},
        {"sec-websocket-protocol": "bearer, x"},
    ],
)
def test_a_wrong_token_is_4401_wherever_it_comes(server: Server, ada: User, headers: dict[str, str]) -> None:
    assert server.open(query="v=2", **headers).code() == 4401


@pytest.mark.parametrize("token", ["", "x"])
def test_a_wrong_token_in_the_address_is_4401(server: Server, ada: User, token: str) -> None:
    assert server.open(token, query="v=2").code() == 4401


def waiting(server: Server, query: str = "v=2", **headers: str) -> Client:
    socket = server.open(query=query, **headers)
    assert socket.silent(0.1)
    return socket


def test_the_first_frame_may_say_who_it_is(server: Server, ada: User, tell: Tell) -> None:
    tell()
    socket = waiting(server, "v=2&since=0", **{"sec-websocket-protocol": "bearer"})
    assert open_sockets == {}
    socket.say("auth", ref="first", token=sessions.start(user=ada).access)
    hello, missed, complete, ok = socket.frames(4)
    assert (hello["type"], hello["recovered"], missed["seq"], complete["seq"]) == ("hello", True, 1, 1)
    assert ok == {"type": "ok", "ref": "first", "unread_count": 1}
    tell()
    assert socket.frame()["seq"] == 2


@pytest.mark.parametrize("text", ['{"type": "ping"}', "{", '{"type": "auth", "token": "x"}', '{"type": "auth"}'])
def test_anything_else_first_is_4401(server: Server, text: str) -> None:
    socket = waiting(server)
    socket.send(text)
    assert socket.code() == 4401


def test_somebody_deactivated_is_4403_a_page_of_others_at_once(server: Server, ada: User) -> None:
    found = sessions.start(user=ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    socket = waiting(server)
    socket.say("auth", token=found.access)
    assert socket.code() == 4403
    assert server.open(query="v=2", origin="https://evil.example.com").code() == 4403


def test_who_says_nothing_is_4401_in_time(server: Server, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.consumer_v2.AUTH_WITHIN", 1.0)
    token = sessions.start(user=ada).access
    in_time, silent = (server.open(query="v=2") for _ in range(2))
    in_time.say("auth", token=token)
    assert silent.code() == 4401
    assert [frame["type"] for frame in in_time.frames(2)] == ["hello", "ok"]
    assert in_time.silent(0.1)


def test_past_the_last_place_it_is_4409(server: Server, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.socket_auth.MAX_SOCKETS", 0)
    socket = waiting(server)
    socket.say("auth", token=sessions.start(user=ada).access)
    assert socket.code() == 4409
