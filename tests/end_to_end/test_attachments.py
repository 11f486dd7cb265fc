"""Large files through the real server: in whole, out whole, and neither waits in memory."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from core.files.limits import MAX_BODY, MEGABYTE
from tests.attachments.calls import FORM, form, part
from tests.end_to_end.server import Processes
from tests.end_to_end.test_slow_clients import connected
from tests.stack import stack

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(stack() != "embedded", reason="runs once, with the embedded stack"),
]
LINES = b"".join(b"%07d\n" % number for number in range(5 * MEGABYTE // 8))
READERS = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("product")


@pytest.fixture(scope="module")
def product(folder: Path) -> Iterator[Processes]:
    with Processes(folder, EMAIL_URL="", TWILIO_ACCOUNT_SID="") as processes:
        processes.prepare()
        processes.serve()
        yield processes
        assert processes.stop() == [0]
        assert "Traceback" not in processes.output()


@pytest.fixture(scope="module")
def cleo(product: Processes) -> dict[str, str]:
    """The headers of Cleo's requests."""
    words = {"username": "cleo", "password": "demo-password"}
    signed_in = requests.post(f"{product.url}/api/auth/login/", json=words, timeout=10).json()
    return {"Authorization": f"Bearer {signed_in['access']}"}


@pytest.fixture(scope="module")
def files(product: Processes, cleo: dict[str, str]) -> str:
    """The address of the files on a new ticket."""
    words = {"title": "Crash", "description": "See the log."}
    ticket = requests.post(f"{product.url}/api/tickets/", json=words, headers=cleo, timeout=10).json()
    return f"{product.url}/api/tickets/{ticket['id']}/attachments/"


@pytest.fixture(scope="module")
def log(product: Processes, cleo: dict[str, str], files: str) -> str:
    """The address of five megabytes."""
    added = requests.post(files, files={"file": ("server.log", LINES)}, headers=cleo, timeout=20)
    assert (added.status_code, added.json()["size"]) == (201, len(LINES))
    return str(added.json()["download_url"])


def test_five_megabytes_go_in_and_come_out(product: Processes, cleo: dict[str, str], log: str, folder: Path) -> None:
    back = requests.get(product.url + log, headers=cleo, timeout=20)
    assert back.content == LINES
    assert back.headers["Content-Length"] == str(len(LINES))
    assert back.headers["Content-Disposition"] == 'attachment; filename="server.log"'
    kept = [path.stat() for path in (folder / "data" / "attachments").rglob("*") if path.is_file()]
    assert (len(LINES), 0o600) in [(stat.st_size, stat.st_mode & 0o777) for stat in kept]


def test_slow_readers_of_files_hold_up_nobody_and_fill_no_memory(
    product: Processes, cleo: dict[str, str], log: str
) -> None:
    head = f"GET {log} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {cleo['Authorization']}\r\n\r\n".encode()
    before = memory(product)
    with ExitStack() as clients:
        for _ in range(READERS):
            client = clients.enter_context(connected(product))
            client.sendall(head)
            assert client.recv(15) == b"HTTP/1.1 200 OK"
        assert requests.get(f"{product.url}/api/nothing/", timeout=3).status_code == 404
        assert memory(product) - before < READERS * 5 * MEGABYTE / 2


def memory(product: Processes) -> int:
    """Resident bytes of the server; a system without /proc is not asked."""
    statm = Path(f"/proc/{product.started[0].pid}/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def test_eight_upload_at_once(product: Processes, cleo: dict[str, str], files: str) -> None:
    def one(number: int) -> int:
        file = {"file": (f"{number}.log", LINES[: 3 * MEGABYTE])}
        return requests.post(files, files=file, headers=cleo, timeout=40).status_code

    with ThreadPoolExecutor(8) as others:
        assert set(others.map(one, range(8))) == {201}


def test_more_than_a_file_may_have_is_refused(product: Processes, cleo: dict[str, str], files: str) -> None:
    body = form(part(b"x" * MAX_BODY))
    response = requests.post(files, body, headers={**cleo, "Content-Type": FORM}, timeout=20)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_other_calls_take_no_more_than_before(product: Processes, cleo: dict[str, str], files: str) -> None:
    for method, address in (("PUT", files), ("POST", f"{files}1/"), ("POST", files.replace("attachments", "approve"))):
        response = requests.request(method, address, data=b"x" * 2 * MEGABYTE, headers=cleo, timeout=10)
        assert response.status_code == 413, address
