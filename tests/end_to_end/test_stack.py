"""`manage.py stack`: the whole distributed set-up on one machine, which mends itself and stops cleanly."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from clients.demo_story.person import Person
from core.management.demo.people import PASSWORD
from tests.end_to_end.server import Processes
from tests.fakes.smtp import FakeSmtp, Step
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import wait_until
from tests.stack import open_folder, stack

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.timeout(150),
    pytest.mark.skipif(stack() != "distributed", reason="runs once, with the distributed stack"),
]


class Stack(Processes):
    """Its database and Redis are its own, whatever the tests run on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, CELERY_BROKER_URL="")
        self.folder = folder

    def __enter__(self) -> "Stack":
        return self

    def start(self) -> None:
        self.log.unlink(missing_ok=True)
        self.supervisor = self.begin(sys.executable, "manage.py", "stack", "--port", str(self.port))

    def serve(self, *, seconds: float = 60) -> float:
        began = time.monotonic()
        self.start()
        wait_until(lambda: "Sign in as" in self.output() or self.supervisor.poll() is not None, within=seconds)
        assert f"Incident Management runs at {self.url}/" in self.output(), self.output()
        return time.monotonic() - began

    def kill(self) -> None:
        """Gently: killed, it would leave a folder behind, and on some systems its children."""
        for process in self.started:
            process.terminate()
            process.wait(30)
        self.started.clear()

    def children(self) -> dict[int, str]:
        """Process id and command of each."""
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.supervisor.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        rows = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
        return {int(pid): command for pid, command in rows if "<defunct>" not in command}

    def find(self, command: str) -> set[int]:
        return {pid for pid, text in self.children().items() if command in text}


@pytest.fixture
def product() -> Iterator[Stack]:
    with open_folder() as folder, Stack(folder) as processes:
        yield processes


def test_the_story_is_told_whoever_is_killed_is_replaced_and_the_end_is_clean(
    product: Stack, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    product.serve()
    refuses_a_second_one(product)
    for command in ("serve --fd", "worker1@stack"):
        killed = product.find(command).pop()
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: killed not in product.children(), within=5)  # noqa: B023 - at once
    everything = [("serve --fd", 2), ("@stack", 2), (" beat ", 1), ("bin/postgres", 1), ("redis-server", 1)]
    for command, number in everything:
        wait_until(lambda: len(product.find(command)) == number, within=10)  # noqa: B023 - at once
    tell_the_story(product, mailbox, whatsapp)
    ends_its_workers_in_the_middle(product, mailbox, whatsapp)
    assert added_up(product) > 0

    with signed_in_socket(product) as socket:
        wait_until(lambda: listens(product), within=5)
        children = set(product.children())
        assert product.stop(signal.SIGTERM, seconds=25) == [0]
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(1)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4000
    assert not alive(children)
    assert not product.answers()
    assert "Traceback" not in product.output()
    assert "child_killed" not in product.output()


def alive(processes: set[int]) -> set[int]:
    """Who of these still runs; a process that has ended, but that nobody has looked after, has no command."""
    commands = {pid: Path(f"/proc/{pid}/cmdline") for pid in processes}
    return {pid for pid, file in commands.items() if file.exists() and file.read_bytes()}


def test_killed_it_takes_everything_with_it_and_asked_to_end_while_it_starts_it_ends(product: Stack) -> None:
    product.serve()
    children = set(product.children())
    assert len(children) == 7
    product.supervisor.kill()
    product.supervisor.wait()
    product.started.clear()
    wait_until(lambda: not alive(children), within=10)

    product.start()  # on the same data
    wait_until(lambda: product.find("manage.py migrate"), within=30)
    assert product.stop(signal.SIGTERM, seconds=10) == [0]
    assert product.output() == ""


def tell_the_story(product: Stack, mailbox: FakeSmtp, whatsapp: FakeTwilio) -> None:
    story = product.play_story()
    assert story.returncode == 0, story.stdout + product.output()
    assert len(mailbox.take_all(count=18)) == 18
    assert len(whatsapp.take_all(count=18)) == 18


def ends_its_workers_in_the_middle(product: Stack, mailbox: FakeSmtp, whatsapp: FakeTwilio) -> None:
    """SIGTERM: the send under way is finished, the rest is given back: it need not wait for the lease of 60 s."""
    mailbox.wait(0.3, step=Step.RCPT, times=12)
    with Person(product.url, "cleo") as cleo:
        for number in range(12):
            cleo.call("POST", "/api/tickets/", {"title": f"Scanner {number}", "description": "Dead."})
    first = mailbox.take("ada@example.com", within=10)
    for worker in product.find("@stack"):
        os.kill(worker, signal.SIGTERM)
    mails = [first, *mailbox.take_all(count=11, within=40)]
    assert len({mail.message["Message-ID"] for mail in mails}) == 12
    assert len(whatsapp.take_all(count=12, within=40)) == 12


def refuses_a_second_one(product: Stack) -> None:
    second = product.manage("stack", "--port", "0")
    assert second.returncode == 1
    assert f"runs on {product.folder / 'data' / 'stack'} already (process {product.supervisor.pid})" in second.stderr


def listens(product: Stack) -> bool:
    return bool(requests.get(f"{product.url}/readyz", timeout=5).json()["status"] == "ok")


def added_up(product: Stack) -> float:
    """Deliveries are counted in the workers, and told by any web process."""
    text = requests.get(f"{product.url}/metrics", timeout=5).text
    return sum(float(value) for value in re.findall(r"^delivery_attempts_total\{[^}]*\} (\S+)$", text, re.M))


def signed_in_socket(product: Stack) -> ClientConnection:
    body = {"username": "ada", "password": PASSWORD}
    token = requests.post(f"{product.url}/api/auth/login/", json=body, timeout=10).json()["access"]
    socket: ClientConnection = connect(f"{product.url.replace('http', 'ws')}/ws/notifications/?token={token}")
    return socket


@pytest.mark.parametrize("given", ["DATABASE_URL", "REDIS_URL"])
def test_services_of_somebody_else_are_refused(product: Stack, given: str) -> None:
    product.environment[given] = os.environ[given]
    refused = product.manage("stack")
    assert refused.returncode == 1
    assert f"unset {given}" in refused.stderr
