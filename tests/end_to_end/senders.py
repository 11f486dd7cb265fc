"""Processes that send and do jobs, which are killed in the middle of it and started again; so is their Redis."""

import sqlite3
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from subprocess import Popen
from typing import Any

import psycopg

from core.management.stack.processes import CELERY
from core.management.stack.services import Redis
from tests.end_to_end.house import lose
from tests.end_to_end.server import DATABASE, Processes
from tests.end_to_end.services import services
from tests.notifications.support import wait_until

WORKERS = 4
# Who claimed what: each worker says its name to PostgreSQL.
HOLDERS = """
    CREATE TABLE holder (token uuid PRIMARY KEY, worker text);
    CREATE FUNCTION note_holder() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO holder VALUES (NEW.attempt_token, current_setting('application_name')) ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$;
    CREATE TRIGGER note_holder AFTER UPDATE OF attempt_token ON core_notificationlog FOR EACH ROW
        WHEN (NEW.attempt_token IS DISTINCT FROM OLD.attempt_token AND NEW.attempt_token IS NOT NULL)
        EXECUTE FUNCTION note_holder();
"""
ALIVE = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
# Not at once: what the dead have sent has first to be read by whom it reached.
LET_GO = """
    UPDATE core_notificationlog SET lease_until = now() + '2 s'
    WHERE status = 'SENDING' AND attempt_token IN (SELECT token FROM holder WHERE worker = %s)
"""

LET_JOBS_GO = "UPDATE core_jobrun SET lease_until = '2000-01-01' WHERE status = 'RUNNING'"


class Senders(ABC):
    """`waits`: what the dead held waits for the end of its lease; else that is over at once."""

    def __init__(self, processes: Processes, *, waits: bool) -> None:
        self.processes, self.waits = processes, waits
        self.killed_at: list[float] = []  # time.monotonic()

    @abstractmethod
    def ask(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Of the product's database."""

    @abstractmethod
    def kill(self) -> None:
        """Kill a process that sends, and start another."""

    def end(self, process: "Popen[bytes]") -> None:
        assert process.poll() is None, self.processes.output()
        self.killed_at.append(time.monotonic())
        process.kill()
        process.wait(10)
        self.processes.started.remove(process)


class OneProcess(Senders):
    """The embedded set-up."""

    def __init__(self, processes: Processes, *, waits: bool) -> None:
        super().__init__(processes, waits=waits)
        self.serve()

    def serve(self) -> None:
        self.processes.serve()
        self.server = self.processes.started[-1]

    def ask(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        database = sqlite3.connect(self.processes.data / DATABASE, timeout=20, isolation_level=None)
        with closing(database):
            return database.execute(query, parameters).fetchall()

    def kill(self) -> None:
        self.end(self.server)
        if not self.waits:
            self.ask("UPDATE core_notificationlog SET lease_until = '2000-01-01' WHERE status = 'SENDING'")
            self.ask(LET_JOBS_GO)
        self.serve()


class Workers(Senders):
    """Workers and a beat, on PostgreSQL and Redis."""

    def __init__(
        self, processes: Processes, server: "psycopg.Connection[Any]", redis: Redis, *, waits: bool, workers: int
    ) -> None:
        super().__init__(processes, waits=waits)
        self.server, self.redis, self.names = server, redis, map("worker{}".format, count())
        self.running: deque[tuple[str, Popen[bytes]]] = deque()
        server.execute(HOLDERS)
        processes.begin(*CELERY, "beat", "--loglevel", "WARNING", "--scheduler", "celery.beat:Scheduler", "--pidfile=")
        for _ in range(workers):
            self.start()

    def start(self) -> None:
        name = next(self.names)
        self.processes.environment["PGAPPNAME"] = name
        command = (*CELERY, "worker", "--loglevel", "WARNING", "--hostname", f"{name}@tests")
        self.running.append((name, self.processes.begin(*command)))

    def ask(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self.server.execute(query.encode(), parameters).fetchall()

    def kill(self) -> None:
        """The one that has been at it for the longest."""
        name, process = self.running.popleft()
        self.end(process)
        self.start()
        if not self.waits:
            wait_until(lambda: self.ask(ALIVE, [name]) == [(0,)], within=10)
            self.server.execute(LET_GO, [name])
            self.server.execute(LET_JOBS_GO)

    def lose_redis(self) -> None:
        lose(self.redis)


@contextmanager
def embedded(folder: Path, *, waits: bool, **environment: str) -> Iterator[OneProcess]:
    with Processes(folder, **environment) as processes:
        processes.prepare()
        yield OneProcess(processes, waits=waits)


@contextmanager
def distributed(
    folder: Path, *, waits: bool, workers: int = WORKERS, serves: bool = False, **environment: str
) -> Iterator[Workers]:
    """On a PostgreSQL and a Redis of its own; `serves`: with a server, too."""
    with services() as (_, postgres, redis), ExitStack() as leaving:
        names = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "CELERY_BROKER_URL": redis.url}
        processes = leaving.enter_context(Processes(folder, **names, **environment))
        server = leaving.enter_context(psycopg.connect(host=str(postgres.run), user="postgres", autocommit=True))
        if serves:
            processes.serve()
        yield Workers(processes, server, redis, waits=waits, workers=workers)
