"""The product in many processes on services of its own, which go away, and writers that do not mind."""

import sys
import time
import uuid
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import requests

from core.management.stack.services import Postgres, Redis
from core.notifications.claims import LEASE
from tests.end_to_end.proxy import Proxy
from tests.end_to_end.server import Processes
from tests.end_to_end.services import services

CELERY = (sys.executable, "-m", "celery", "-A", "Management")


class World:
    """Server, worker and beat on services of their own."""

    def __init__(self, product: Processes, postgres: Postgres, redis: Redis, line: Proxy) -> None:
        self.product, self.postgres, self.redis, self.line = product, postgres, redis, line
        self.url = product.url

    def ask(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        host = str(self.postgres.run)
        with closing(psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True)) as connection:
            return connection.execute(query, parameters).fetchall()

    def is_whole(self) -> bool:
        """Whether no process has ended by itself."""
        return [process.poll() for process in self.product.started] == [None] * 3

    def unsent(self, since: datetime) -> int:
        """Deliveries that wait or are on their way; but what was on its way before `since` is under lease for long."""
        assert self.is_whole(), self.product.output()[-10_000:]
        query = "SELECT count(*) FROM core_notificationlog WHERE status = 'PENDING' OR lease_until > %s"
        count: int = self.ask(query, since + LEASE)[0][0]
        return count


@contextmanager
def started(folder: Path, *, by_line: Collection[str] = (), **environment: str) -> Iterator[World]:
    """`by_line`: the settings that name Redis by a line which may be disturbed."""
    with services() as (_, postgres, redis), ExitStack() as leaving:
        line = leaving.enter_context(Proxy(redis.port))
        product = leaving.enter_context(Processes(folder, DATABASE_URL=postgres.url, **environment))
        product.environment |= dict.fromkeys(("REDIS_URL", "CELERY_BROKER_URL"), redis.url)
        for name in by_line:
            product.environment[name] = redis.url.replace(f":{redis.port}/", f":{line.port}/")
        product.serve()
        product.begin(*CELERY, "worker", "--loglevel", "WARNING", "--concurrency", "4")
        product.begin(*CELERY, "beat", "--loglevel", "WARNING", "--scheduler", "celery.beat:Scheduler")
        world = World(product, postgres, redis, line)
        yield world
        assert world.is_whole()


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
