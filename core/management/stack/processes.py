"""What the stack runs on PostgreSQL and Redis: web processes, workers and one beat."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from celery import Celery

from core.management.stack.child import Child
from core.management.stack.services import NotStarted

BASE = Path(__file__).resolve().parent.parent.parent.parent
MANAGE = (sys.executable, str(BASE / "manage.py"))
CELERY = (sys.executable, "-m", "celery", "--quiet", "--workdir", str(BASE), "-A", "Management")
READY_SECONDS = 60.0


class Web(Child):
    """A web process on the stack's one socket. It tells by a socket of its own when it serves (sd_notify)."""

    def __init__(self, name: str, environment: Mapping[str, str], listener: socket.socket, run: Path) -> None:
        self.ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ready.bind(str(run / name))
        super().__init__(
            name,
            [*MANAGE, "serve", "--fd", str(listener.fileno())],
            environment={**environment, "NOTIFY_SOCKET": str(run / name)},
            inherits=[listener.fileno()],
        )

    def wait_until_ready(self, deadline: float) -> None:
        self.ready.settimeout(0.2)
        while time.monotonic() < deadline and self.is_running():
            try:
                self.ready.recv(64)
            except TimeoutError:
                continue
            return
        raise NotStarted(f"{self.name} does not start.")


def worker(name: str, environment: Mapping[str, str]) -> Child:
    command = [*CELERY, "worker", "--loglevel", "WARNING", "--hostname", f"{name}@stack"]
    return Child(name, command, environment=environment)


def beat(environment: Mapping[str, str]) -> Child:
    """The plain scheduler keeps its times in memory; the usual one writes a file."""
    command = [*CELERY, "beat", "--loglevel", "WARNING", "--scheduler", "celery.beat:Scheduler", "--pidfile="]
    return Child("beat", command, environment=environment)


def wait_for_workers(broker: str, number: int, deadline: float) -> None:
    with Celery(broker=broker) as app:
        while len(app.control.ping(timeout=0.5, limit=number) or ()) < number:
            if time.monotonic() > deadline:
                raise NotStarted("The workers do not start.")


def manage(environment: Mapping[str, str], *arguments: str) -> None:
    """Run a management command to its end."""
    done = subprocess.run([*MANAGE, *arguments], env=environment, check=False, stdin=subprocess.DEVNULL)  # noqa: S603
    if done.returncode:
        raise NotStarted(f"manage.py {arguments[0]} has failed.")


def environment_of(folder: Path, *, database: str, redis: str, public_url: str) -> dict[str, str]:
    """What every process of ours reads its settings from; metrics of all of them are added up in one folder."""
    return {
        **os.environ,
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "CELERY_BROKER_URL": redis,
        "PUBLIC_URL": public_url,
        "PROMETHEUS_MULTIPROC_DIR": str(folder),
    }
