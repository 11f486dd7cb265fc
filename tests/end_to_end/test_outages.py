"""PostgreSQL and Redis go away under load and come back: nothing is lost, nothing doubled, nobody restarts anything."""

import signal
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from clients.demo_story.person import Person
from core.management.stack.child import Child, end
from core.management.stack.services import Postgres, Redis
from core.notifications.claims import LEASE
from tests.end_to_end.server import Processes
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import wait_until
from tests.stack import open_folder, stack

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.timeout(150),
    pytest.mark.skipif(stack() != "distributed", reason="needs PostgreSQL and Redis"),
]
CELERY = (sys.executable, "-m", "celery", "-A", "Management")
SOON = 15  # seconds until what was left behind has gone out


class World:
    """Server, worker and beat on services of their own."""

    def __init__(self, product: Processes, postgres: Postgres, redis: Redis) -> None:
        self.product, self.postgres, self.redis = product, postgres, redis
        self.url = product.url

    def ask(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        host = str(self.postgres.run)
        with closing(psycopg.connect(host=host, user="postgres", dbname="postgres")) as connection:
            return connection.execute(query, parameters).fetchall()

    def unsent(self, since: datetime) -> int:
        """Deliveries that wait or are on their way; but what was on its way before `since` is under lease for long."""
        query = "SELECT count(*) FROM core_notificationlog WHERE status = 'PENDING' OR lease_until > %s"
        count: int = self.ask(query, since + LEASE)[0][0]
        return count


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_folder() as folder, Processes(tmp_path) as product:
        (folder / "run").mkdir()
        postgres, redis = Postgres(folder, folder / "run", "fsync=off"), Redis(folder)
        try:
            for service in (postgres, redis):
                service.start()
            product.environment |= dict.fromkeys(("REDIS_URL", "CELERY_BROKER_URL"), redis.url)
            product.environment["DATABASE_URL"] = postgres.url
            product.prepare()
            product.serve()
            product.begin(*CELERY, "worker", "--loglevel", "WARNING", "--concurrency", "4")
            product.begin(*CELERY, "beat", "--loglevel", "WARNING", "--scheduler", "celery.beat:Scheduler")
            yield World(product, postgres, redis)
            assert [process.poll() for process in product.started] == [None] * 3  # none has ended by itself
        finally:
            product.kill()
            end([postgres.child, redis.child], seconds=5)


def go_away(child: Child) -> None:
    """At once, in the middle of whatever is under way: PostgreSQL takes SIGQUIT so, and a SIGKILL would leave parts."""
    assert child.process is not None
    child.process.send_signal(signal.SIGQUIT if child.name == "postgres" else signal.SIGKILL)
    child.process.wait(10)


class Writer:
    """Raises tickets one after the other until told to stop, each with a key of its own until it is answered 201."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.done = url, Event()
        self.http = requests.Session()
        self.http.headers["Authorization"] = token
        self.raised: list[str] = []
        self.refused: Counter[str] = Counter()
        self.seconds: list[float] = []

    def run(self) -> None:
        with self.http:
            while not self.done.is_set():
                title = str(uuid.uuid4())
                deadline = time.monotonic() + 20
                while not self.write(title):
                    assert time.monotonic() < deadline, self.refused
                    time.sleep(0.1)
                self.raised.append(title)
                time.sleep(0.05)

    def write(self, title: str) -> bool:
        body = {"title": title, "description": "It does not even blink."}
        began = time.monotonic()
        path = f"{self.url}/api/tickets/"
        response = self.http.post(path, json=body, headers={"Idempotency-Key": title}, timeout=20)
        self.seconds.append(time.monotonic() - began)
        if response.status_code == 201:
            return True
        assert response.status_code in {409, 503}, response.text
        assert int(response.headers["Retry-After"]) >= 1
        self.refused[response.json()["code"]] += 1
        return False


def assert_each_once(world: World, titles: list[str]) -> None:
    """Each ticket is there once, and its admin is told of it once on every channel."""
    rows = world.ask("SELECT id, title FROM core_ticket WHERE title = ANY(%s)", titles)
    assert Counter(title for _, title in rows) == Counter(titles)
    told = "SELECT ticket_id, notification_type FROM core_notificationlog WHERE ticket_id = ANY(%s)"
    found = Counter(world.ask(told, [key for key, _ in rows]))
    assert found == Counter((key, channel) for key, _ in rows for channel in ("SYSTEM", "EMAIL", "WHATSAPP"))


def test_while_the_database_is_away_every_answer_says_so_and_then_everything_goes_on(
    world: World, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    with Person(world.url, "ada") as ada, Person(world.url, "cleo") as cleo, ThreadPoolExecutor(3) as threads:
        token = str(cleo.http.headers["Authorization"])
        writers = [Writer(world.url, token) for _ in range(3)]
        running = [threads.submit(writer.run) for writer in writers]
        try:
            wait_until(lambda: all(len(writer.raised) > 3 for writer in writers), within=20)
            before = [len(writer.raised) for writer in writers]
            go_away(world.postgres.child)
            wait_until(lambda: all(writer.refused["database_unavailable"] > 3 for writer in writers), within=20)
            assert requests.get(f"{world.url}/healthz", timeout=5).status_code == 200
            assert requests.get(f"{world.url}/readyz", timeout=5).status_code == 503
            for path in ("/api/tickets/", "/dev/outbox/"):
                response = cleo.http.get(world.url + path, timeout=5)
                assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
            assert close_code(world, token) == 1011
            time.sleep(4)  # the watch looks at the sessions meanwhile
            back = datetime.now(UTC)
            world.postgres.start()
            goal = [many + 4 for many in before]
            wait_until(lambda: all(len(w.raised) > many for w, many in zip(writers, goal, strict=True)), within=20)
        finally:
            for writer in writers:
                writer.done.set()
        for one in running:
            one.result()
        titles = [title for writer in writers for title in writer.raised]
        assert_each_once(world, titles)
        assert max(second for writer in writers for second in writer.seconds) < 5
        wait_until(lambda: {frame["ticket"]["title"] for _, frame in list(ada.frames)} >= set(titles), within=SOON)
        wait_until(lambda: world.unsent(back) == 0, within=SOON)
    mails = Counter(mail.message["Message-ID"] for mail in mailbox.take_all())
    assert set(mails.values()) == {1}
    whatsapp.take_all()


def close_code(world: World, token: str) -> int:
    """How a new socket is closed."""
    address = f"ws://127.0.0.1:{world.product.port}/ws/notifications/?token={token.split()[1]}"
    with connect(address, proxy=None) as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=10)
    assert closed.value.rcvd is not None
    return int(closed.value.rcvd.code)


def test_while_redis_is_away_writing_is_as_quick_and_then_everybody_is_told_once(
    world: World, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    with Person(world.url, "ada") as ada, Person(world.url, "cleo") as cleo:
        writer = Writer(world.url, str(cleo.http.headers["Authorization"]))
        titles = [str(uuid.uuid4()) for _ in range(20)]
        assert all(writer.write(title) for title in titles[:4])
        go_away(world.redis.child)
        for title in titles[4:]:
            assert writer.write(title)
            time.sleep(0.1)
        assert requests.get(f"{world.url}/readyz", timeout=5).json()["status"] == "degraded"
        world.redis.start()
        deadline = time.monotonic() + SOON
        while len(ada.frames) < len(titles):  # once the socket hears again, it reads what it missed
            assert time.monotonic() < deadline
            titles.append(str(uuid.uuid4()))
            assert writer.write(titles[-1])
            time.sleep(0.5)
        assert [frame["ticket"]["title"] for _, frame in ada.frames] == titles
        assert sorted(writer.seconds)[len(titles) // 2] < 0.2, writer.seconds
        assert max(writer.seconds) < 1, writer.seconds
        assert_each_once(world, titles)
        mails = mailbox.take_all(count=len(titles), within=SOON)
        assert set(Counter(mail.message["Message-ID"] for mail in mails).values()) == {1}
        assert len(whatsapp.take_all(count=len(titles), within=SOON)) == len(titles)
