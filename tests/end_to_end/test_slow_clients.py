"""Clients that send or read slowly, much, or in pieces: none of them holds up another."""

import asyncio
import json
import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import requests

from core.actions.tokens import access_token
from core.models import Session
from Management import rest
from tests.end_to_end.server import Processes
from tests.stack import stack

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(stack() != "embedded", reason="runs once, with the embedded stack"),
]
MANY = 20  # more than the server has threads
LOGIN = "/api/auth/login/"
WRONG = json.dumps({"username": "nobody", "password": "wrong"}).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("product")


@pytest.fixture(scope="module")
def product(folder: Path) -> Iterator[Processes]:
    with Processes(folder) as processes:
        processes.prepare()
        processes.serve()
        yield processes
        assert processes.stop() == [0]
        assert "Traceback" not in processes.output()


def connected(product: Processes) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # the kernel reads little for it
    client.settimeout(5)
    client.connect(("127.0.0.1", product.port))
    return client


def post(path: str, *headers: str, body: bytes = b"") -> bytes:
    head = (f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers, "", "")
    return "\r\n".join(head).encode() + body


def answer(client: socket.socket) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer, which may come before everything is sent."""
    text = b""
    while not text.endswith(b"}"):
        part = client.recv(65_536)
        assert part, text
        text += part
    return int(text.split()[1]), json.loads(text.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    "half",
    [
        post(LOGIN, "Content-Length: 100", body=b"{"),
        post(LOGIN, "Transfer-Encoding: chunked", body=b"1\r\n{\r\n"),
        post(LOGIN, "Content-Length: 100000000", body=b"{"),
        post("/admin/login/", "Content-Length: 100000000", body=b"x" * 2_000_000),
    ],
    ids=["with a length", "chunked", "large", "large and begun"],
)
def test_slow_senders_hold_up_nobody(product: Processes, half: bytes) -> None:
    with ExitStack() as clients:
        for _ in range(MANY):
            clients.enter_context(connected(product)).sendall(half)
        assert requests.get(f"{product.url}/api/nothing/", timeout=3).status_code == 404


def test_slow_readers_hold_up_nobody(product: Processes) -> None:
    large = (
        b"GET /static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    )
    with ExitStack() as clients:
        for _ in range(MANY):
            client = clients.enter_context(connected(product))
            client.sendall(large)
            assert client.recv(15) == b"HTTP/1.1 200 OK"
        assert requests.get(f"{product.url}/api/nothing/", timeout=3).status_code == 404


def test_it_is_alive_while_every_thread_waits_for_the_database(product: Processes, folder: Path) -> None:
    def sign_in() -> int:
        people = {"username": "ada", "password": "demo-password"}
        return requests.post(f"{product.url}{LOGIN}", json=people, timeout=20).status_code

    with ThreadPoolExecutor(MANY) as others, closing(sqlite3.connect(folder / "data" / "db.sqlite3")) as database:
        database.execute("BEGIN IMMEDIATE")
        waiting = [others.submit(sign_in) for _ in range(8)]
        with pytest.raises(requests.Timeout):
            requests.get(f"{product.url}/api/nothing/", timeout=2)
        assert requests.get(f"{product.url}/healthz", timeout=1).json() == {"status": "ok"}
        database.rollback()
        assert {one.result() for one in waiting} == {200}


@pytest.mark.parametrize("path", [LOGIN, "/api/nothing/", "/api/tickets"])
@pytest.mark.parametrize("method", ["POST", "PUT", "GET"])
def test_a_body_that_is_too_large_is_refused(product: Processes, path: str, method: str) -> None:
    response = requests.request(method, product.url + path, data=b"x" * 2_000_000, timeout=5)
    assert response.status_code == 413
    assert response.json() == {"detail": "The request body is too large.", "code": "too_large"}


def test_it_is_refused_before_it_is_sent(product: Processes) -> None:
    with connected(product) as client:
        client.sendall(post(LOGIN, "Content-Length: 100000000"))
        assert answer(client)[0] == 413


def test_it_is_refused_when_nobody_said_how_large_it_is(product: Processes) -> None:
    parts = (b"x" * 65_536 for _ in range(32))
    response = requests.post(product.url + LOGIN, parts, timeout=5)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_outside_the_api_that_is_plain_text(product: Processes) -> None:
    response = requests.post(f"{product.url}/admin/login/", b"x" * 2_000_000, timeout=5)
    assert (response.status_code, response.headers["Content-Type"]) == (413, "text/plain")


def test_a_body_in_chunks_arrives_whole(product: Processes) -> None:
    pieces = (WRONG[start : start + 7] for start in range(0, len(WRONG), 7))
    response = requests.post(product.url + LOGIN, pieces, headers={"Content-Type": "application/json"}, timeout=5)
    assert response.status_code == 401, response.text


def test_a_connection_is_of_use_after_an_answer(product: Processes) -> None:
    with requests.Session() as session:
        for _ in range(3):
            assert session.post(product.url + LOGIN, WRONG, timeout=5).status_code == 415
            assert session.get(f"{product.url}/healthz", timeout=5).ok


@pytest.mark.parametrize(("path", "kind"), [("/api/tickets/", b"application/json"), ("/x/", b"text/plain")])
def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch, path: str, kind: bytes) -> None:
    monkeypatch.setattr(rest, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(rest, "LINGER_SECONDS", 0.05)
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(event: Any) -> None:
        sent.append(event)

    scope: Any = {"type": "http", "method": "POST", "path": path, "headers": []}
    asyncio.run(rest.http(scope, receive, send))
    assert sent[0]["status"] == 408
    assert (b"content-type", kind) in sent[0]["headers"]
    assert [event.get("more_body") for event in sent] == [None, True, False]


def test_who_hangs_up_half_way_is_not_answered() -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(event: Any) -> None:
        pytest.fail(f"sent {event}")

    scope: Any = {"type": "http", "method": "POST", "path": LOGIN, "headers": []}
    asyncio.run(rest.http(scope, receive, send))


def test_only_who_is_signed_in_may_upload(product: Processes) -> None:
    path = f"{product.url}/api/tickets/1/attachments/"
    response = requests.post(path, data=b"x" * 2_000_000, headers={"Authorization": "Bearer x.y.z"}, timeout=5)
    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")


def test_only_so_many_upload_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "uploads", asyncio.Semaphore(0))
    bearer = f"Bearer {access_token(Session(user_id=1))}".encode()
    scope: Any = {"method": "POST", "path": "/api/tickets/1/attachments/", "headers": [(b"authorization", bearer)]}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(event: Any) -> None:
        sent.append(event)

    asyncio.run(rest.http(scope, receive, send))
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"5") in sent[0]["headers"]
    assert json.loads(sent[1]["body"])["code"] == "too_busy"
