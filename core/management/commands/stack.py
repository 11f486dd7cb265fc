"""`python manage.py stack`: the distributed set-up on this machine, on a PostgreSQL and a Redis of its own."""

import fcntl
import os
import shutil
import socket
import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.management.address import listen, url_of
from core.management.banner import banner
from core.management.commands import serve
from core.management.stack.child import NotStarted
from core.management.stack.processes import (
    READY_SECONDS,
    Web,
    beat,
    environment_of,
    manage,
    wait_for_workers,
    worker,
)
from core.management.stack.services import Postgres, Redis
from core.management.stack.supervisor import Supervisor

HOST = "127.0.0.1"  # others come by a proxy (deploy/)
MOST = 64
OWN = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")


class Command(BaseCommand):
    help = "Runs PostgreSQL, Redis, web processes, workers and beat on this machine, behind one address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--web", type=some, default=2, help="web processes")
        parser.add_argument("--workers", type=some, default=2, help="Celery workers")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, web: int, workers: int, port: int, **options: Any) -> None:
        if given := [name for name in OWN if os.environ.get(name)]:
            raise CommandError(f"stack has a database and a Redis of its own: unset {' and '.join(given)}.")
        folder = settings.DATA_DIR / "stack"
        folder.mkdir(parents=True, exist_ok=True)
        with lock(folder), listen(HOST, port) as listener, TemporaryDirectory(prefix="incident-") as run:
            try:
                self.run(folder, Path(run), listener, web=web, workers=workers)
            except NotStarted as error:
                raise CommandError(str(error)) from error

    def run(self, folder: Path, run: Path, listener: socket.socket, *, web: int, workers: int) -> None:
        url = url_of(HOST, listener)
        supervisor = Supervisor()
        postgres, redis = Postgres(folder, run), Redis(folder)
        environment = environment_of(
            emptied(folder / "metrics"), database=postgres.url, redis=redis.url, public_url=settings.PUBLIC_URL
        )
        webs = [Web(f"web{number}", environment, listener, run) for number in range(1, web + 1)]
        senders = [worker(f"worker{number}", environment) for number in range(1, workers + 1)]
        with supervisor.on_duty():
            supervisor.take([postgres.child], postgres.start, end_within=5)
            supervisor.take([redis.child], redis.start, end_within=2)
            manage(environment, supervisor.pause, "migrate", "--verbosity", "0")
            if settings.DEMO:
                manage(environment, supervisor.pause, "load_demo")
            supervisor.take(senders, end_within=8)
            supervisor.take([beat(environment)], end_within=2)
            supervisor.take(webs, end_within=serve.STOP_SECONDS + 2)
            supervisor.leaving.callback(listener.close)
            deadline = time.monotonic() + READY_SECONDS
            for process in webs:
                process.wait_until_ready(deadline, supervisor.pause)
            wait_for_workers(redis.url, workers, deadline, supervisor.pause)
            self.stdout.write(banner(url))
            self.stdout.flush()
            supervisor.look_after_all()


def some(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise ArgumentTypeError(f"a number from 1 to {MOST}")
    return int(text)


def lock(folder: Path) -> IO[str]:
    """One stack for each folder."""
    file = (folder / "lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        raise CommandError(f"A stack runs on {folder} already (process {file.read()}).") from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
