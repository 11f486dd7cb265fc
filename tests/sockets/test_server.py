"""A real server process: uvicorn as `runserver` starts it, and real WebSocket clients."""

import json
import socket as sockets
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect

from tests.end_to_end.server import Processes
from tests.notifications.support import wait_until

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    with Processes(tmp_path_factory.mktemp("server"), EMAIL_URL="", TWILIO_ACCOUNT_SID="") as processes:
        processes.prepare()
        processes.serve()
        yield processes


class Person:
    """Signs in and calls, as any client does."""

    def __init__(self, product: Processes, username: str) -> None:
        self.product = product
        body = {"username": username, "password": "demo-password"}
        signed_in = requests.post(f"{product.url}/api/auth/login/", json=body, timeout=10).json()
        self.access, self.refresh, self.key = signed_in["access"], signed_in["refresh"], signed_in["user"]["id"]

    def post(self, path: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.access}"}
        response = requests.post(f"{self.product.url}/api/{path}", json=body, headers=headers, timeout=10)
        assert response.ok, response.text
        return response.json() if response.content else None

    def socket(self, token: str | None = None, **options: Any) -> ClientConnection:
        url = self.product.url.replace("http", "ws")
        socket: ClientConnection = connect(f"{url}/ws/notifications/?token={token or self.access}", **options)
        return socket


def closed_with(socket: ClientConnection, seconds: float = 10) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(seconds)
    return closed.value.rcvd.code if closed.value.rcvd else None


def raise_ticket(cleo: Person) -> Any:
    return cleo.post("tickets/", title="Bug Fix", description="Since this morning.")


def test_frames_arrive_within_a_second_of_the_change(product: Processes) -> None:
    ada, cleo = Person(product, "ada"), Person(product, "cleo")
    token, seconds = f"{ada.access}&v=2", []
    with ada.socket(token) as first, ada.socket(token) as second:
        assert {json.loads(socket.recv(5))["type"] for socket in (first, second)} == {"hello"}
        for _ in range(3):
            ticket = raise_ticket(cleo)
            began = time.monotonic()
            frames = [json.loads(socket.recv(5)) for socket in (first, second)]
            seconds.append(time.monotonic() - began)
            assert [frame["resource_id"] for frame in frames] == [ticket["id"]] * 2
        assert min(seconds) < 1  # the machine may do something else now and then
        with pytest.raises(TimeoutError):
            first.recv(0.2)


def test_refusals_reach_the_client_as_codes(product: Processes) -> None:
    ada = Person(product, "ada")
    with ada.socket("eyJhbGciOi.eyJzdWIiOi.forged-token") as socket:
        assert closed_with(socket) == 4401
    with ada.socket(origin="https://evil.example.com") as socket:
        assert closed_with(socket) == 4403
    with pytest.raises(InvalidStatus, match="431"):
        ada.socket(additional_headers={"X-Long": "x" * 9000})


def test_signing_out_closes_the_socket_within_five_seconds(product: Processes) -> None:
    dan = Person(product, "dan")
    with dan.socket() as socket:
        time.sleep(0.3)
        dan.post("auth/logout/", refresh=dan.refresh)
        assert closed_with(socket, 5) == 4401


@pytest.mark.parametrize("kind", [Opcode.TEXT, Opcode.PING, Opcode.PONG, Opcode.CONT])
def test_a_flood_is_closed_with_4429(product: Processes, kind: Opcode) -> None:
    with Person(product, "dan").socket() as socket:
        if kind is Opcode.CONT:
            socket.socket.sendall(frame(Opcode.TEXT, fin=False))
        socket.socket.sendall(frame(kind, fin=kind is not Opcode.CONT) * 100_000)
        assert closed_with(socket) == 4429


def frame(kind: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(kind, data, fin).serialize(mask=True)


def never_reading(product: Processes, query: str) -> sockets.socket:
    """A client whose system takes little for it, and which does not take that."""
    client = sockets.socket()
    client.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    client.settimeout(0.2)
    client.connect(("127.0.0.1", product.port))
    lines = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Host: 127.0.0.1:{product.port}"]
    client.sendall("\r\n".join([f"GET /ws/notifications/?v=2{query} HTTP/1.1", *lines, "", ""]).encode())
    time.sleep(0.5)
    return client


def gone_after(client: sockets.socket, data: bytes, *, every: float, most: float) -> float:
    """Send this again and again; after how many seconds the server has dropped the connection."""
    began = time.monotonic()
    while time.monotonic() < began + most:
        try:
            client.sendall(data)
        except TimeoutError:  # it reads no more
            continue
        except OSError:
            return time.monotonic() - began
        time.sleep(every)
    pytest.fail("it is still there")


def test_who_has_not_signed_in_and_never_reads_is_soon_gone(product: Processes) -> None:
    with never_reading(product, "") as client:
        assert gone_after(client, frame(Opcode.PING, b"x" * 125) * 100, every=0, most=9) < 8


def test_who_is_too_slow_loses_the_connection_too(product: Processes) -> None:
    ada, cleo = Person(product, "ada"), Person(product, "cleo")
    for _ in range(20):
        cleo.post("tickets/", title="Long " * 40, description="So that there is much to say.")
    again = frame(Opcode.TEXT, b'{"type": "resume", "since": 0}')
    with never_reading(product, f"&token={ada.access}") as client:
        assert gone_after(client, again, every=0.025, most=40) > 5


@pytest.mark.parametrize("large", ["x" * 65_537, ["x" * 30_000] * 3], ids=["whole", "in pieces"])
def test_frames_of_more_than_65536_bytes_are_refused(product: Processes, large: str | list[str]) -> None:
    dan = Person(product, "dan")
    with dan.socket() as socket:
        socket.send("x" * 65_536)
        with pytest.raises(TimeoutError):
            socket.recv(0.3)
        with suppress(ConnectionClosed):  # before the last piece is on its way
            socket.send(large)
        assert closed_with(socket) == 4400


def test_a_v2_client_disturbs_nobody_by_a_megabyte_or_a_flood(product: Processes) -> None:
    dan, address = Person(product, "dan"), f"{product.url.replace('http', 'ws')}/ws/notifications/?v=2"
    with connect(address, subprotocols=["bearer", dan.access]) as good:  # type: ignore[list-item]  # any text goes
        assert good.subprotocol == "bearer"
        assert json.loads(good.recv(5))["type"] == "hello"
        with connect(f"{address}&token={dan.post('auth/ticket/')['ticket']}") as large:
            assert json.loads(large.recv(5))["user_id"] == dan.key
            large.send("x" * 1_000_000)
            assert closed_with(large) == 4400
        with connect(address, additional_headers={"Authorization": f"Bearer {dan.access}"}) as fast:
            assert json.loads(fast.recv(5))["type"] == "hello"
            fast.socket.sendall(frame(Opcode.TEXT, b'{"type": "ping"}') * 1000)
            with pytest.raises(ConnectionClosed) as closed:
                list(fast)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4429
        good.send('{"type": "ping", "ref": 1}')
        assert json.loads(good.recv(5)) == {"type": "pong", "ref": 1}


def test_clients_that_vanish_without_a_word_leave_their_places(product: Processes) -> None:
    dora = Person(product, "dora")
    for _ in range(3):
        # Without a keepalive thread each, which would complain after the test.
        sockets = [dora.socket(legacy=True, ping_interval=None) for _ in range(20)]
        time.sleep(0.5)
        for socket in sockets:
            socket.socket.close()
        time.sleep(0.3)
    wait_until(lambda: stays(dora), within=10)


def stays(person: Person) -> bool:
    """Whether there is a place for one more socket of this person."""
    with person.socket() as socket:
        try:
            socket.recv(0.3)
        except TimeoutError:
            return True
        except ConnectionClosed:
            return False
    return False


def test_a_stream_tells_of_the_change_ends_with_the_session_and_leaves_no_token_in_the_log(product: Processes) -> None:
    ada, cleo = Person(product, "ada"), Person(product, "cleo")
    url = f"{product.url}/api/notifications/stream/"
    ticket = ada.post("auth/ticket/")["ticket"]
    with requests.get(url, params={"token": ticket}, stream=True, timeout=10) as stream:
        lines = stream.iter_lines(decode_unicode=True)
        assert next(lines) == "event: connected"
        raised = raise_ticket(cleo)
        assert any(f'"resource_id": {raised["id"]},' in line for line in lines)
        ada.post("auth/logout/", refresh=ada.refresh)
        list(lines)  # to its end, which is a whole one
    assert requests.get(url, params={"token": ada.access}, timeout=10).status_code == 401
    output = product.output()
    assert "GET /api/notifications/stream/" in output
    assert [token for token in (ticket, ada.access) if token.rpartition(".")[2] in output] == []


def test_no_token_of_a_socket_is_ever_logged(product: Processes) -> None:
    ada = Person(product, "ada")
    tokens = [ada.access, ada.refresh, "a-secret-that-is-no-token"]
    for token in tokens:
        with ada.socket(token) as socket, suppress(ConnectionClosed):
            socket.send("x")
            time.sleep(0.2)
    with ada.socket() as socket:
        time.sleep(0.2)
        socket.socket.sendall(b"\xff" * 100)  # no frame
        assert closed_with(socket) == 1002
    output = product.output()
    assert [token for token in tokens if token in output or token.rpartition(".")[2] in output] == []
    assert "Traceback" not in output
