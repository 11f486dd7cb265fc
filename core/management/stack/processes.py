"""What the stack runs on PostgreSQL and Redis: web processes, workers and one beat."""

import os
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from celery import Celery

from core.management.stack.child import Child, NotStarted, end
from core.management.stack.services import Pause

BASE = Path(__file__).resolve().parent.parent.parent.parent
MANAGE = (sys.executable, str(BASE / "manage.py"))
CELERY = (sys.executable, "-m", "celery", "--quiet", "--workdir", str(BASE), "-A", "Management")
READY_SECONDS = 60.0


class Web(Child):
    """A web process on the stack's one socket. It tells by a socket of its own when it serves (sd_notify)."""

    def __init__(self, name: str, environment: Mapping[str, str], listener: socket.socket, run: Path) -> None:
        self.ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ready.bind(str(run / name))
        self.ready.settimeout(0)
        super().__init__(
            name,
            [*MANAGE, "serve", "--fd", str(listener.fileno())],
            environment={**environment, "NOTIFY_SOCKET": str(run / name)},
            inherits=[listener.fileno()],
        )

    def start(self) -> None:
        while self._has_spoken():  # an earlier life, to nobody; the eleventh word unheard would hang who says it
            pass
        super().start()

    def wait_until_ready(self, deadline: float, pause: Pause) -> None:
        while not self._has_spoken():
            if time.monotonic() > deadline or not self.is_running():
                raise NotStarted(f"{self.name} does not start.")
            pause(0.05)

    def _has_spoken(self) -> bool:
        try:
            return bool(self.ready.recv(64))
        except BlockingIOError:
            return False


def worker(name: str, environment: Mapping[str, str]) -> Child:
    command = [*CELERY, "worker", "--loglevel", "WARNING", "--hostname", f"{name}@stack"]
    return Child(name, command, environment=environment)


def beat(environment: Mapping[str, str]) -> Child:
    """The plain scheduler keeps its times in memory; the usual one writes a file."""
    command = [*CELERY, "beat", "--loglevel", "WARNING", "--scheduler", "celery.beat:Scheduler", "--pidfile="]
    return Child("beat", command, environment=environment)


def wait_for_workers(broker: str, number: int, deadline: float, pause: Pause) -> None:
    with Celery(broker=broker) as app:
        while len(app.control.ping(timeout=0.5, limit=number) or ()) < number:
            if time.monotonic() > deadline:
                raise NotStarted("The workers do not start.")
            pause(0.0)


def manage(environment: Mapping[str, str], pause: Pause, *arguments: str) -> None:
    """Run a management command to its end."""
    child = Child(f"manage.py {arguments[0]}", [*MANAGE, *arguments], environment=environment)
    child.start()
    try:
        while child.is_running():
            pause(0.05)
    finally:
        end([child], seconds=5)
    if child.process and child.process.returncode:
        raise NotStarted(f"{child.name} has failed.")


def environment_of(folder: Path, *, database: str, redis: str, public_url: str) -> dict[str, str]:
    """What every process of ours reads its settings from; metrics of all of them are added up in one folder."""
    return {
        **os.environ,
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "CELERY_BROKER_URL": redis,
        "PUBLIC_URL": public_url,
        "PROMETHEUS_MULTIPROC_DIR": str(folder),
        "METRICS_PORT": "0",  # there the web processes serve what the workers have counted
    }
