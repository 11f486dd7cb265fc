"""Real processes of the product, each on a port and in a folder of its own. Every wait is bounded."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import requests

from tests.stack import free_port

BASE = Path(__file__).resolve().parent.parent.parent
DATABASE = "db.sqlite3"
CHAOS = bool(os.environ.get("CHAOS"))  # `make chaos`: the whole of what the suite plays a part of


class Processes:
    """The product in demo mode; mail and WhatsApp go to the tests' fakes unless `environment` says else."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.data = folder / "data"
        self.environment = {
            **os.environ,
            "DEMO": "1",
            "DATA_DIR": str(self.data),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "CELERY_BROKER_URL": "memory://localhost/",
            "ALLOWED_HOSTS": "127.0.0.1",
            "PUBLIC_URL": self.url,
            **environment,
        }
        self.started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Processes":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def manage(self, *arguments: str, seconds: float = 30) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=BASE, env=self.environment, capture_output=True, text=True, timeout=seconds, check=False
        )

    def manage_well(self, *arguments: str) -> None:
        done = self.manage(*arguments, seconds=60)
        assert done.returncode == 0, done.stderr

    def ask(self, script: str, *words: object) -> Any:
        """What one of the scripts beside this file has to say on the product's database."""
        command = [sys.executable, "-m", f"tests.end_to_end.{script}", *map(str, words)]
        environment = self.environment | {"DJANGO_SETTINGS_MODULE": "Management.settings"}
        done = subprocess.run(
            command, cwd=BASE, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def prepare(self) -> None:
        """Make its database. SQLite's has the demo people already, with whom a server begins, and is a copy."""
        if self.environment["DATABASE_URL"]:
            self.manage_well("migrate", "--verbosity", "0")
        else:
            self.data.mkdir()
            (self.data / DATABASE).write_bytes(prepared())

    def begin(self, *command: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, cwd=BASE, env=self.environment, stdout=log, stderr=log)
        self.started.append(process)
        return process

    def serve(self, *, seconds: float = 60) -> float:
        """Start the server and wait until it answers; returns how long that took."""
        began = time.monotonic()
        server = self.begin(sys.executable, "manage.py", "runserver", f"127.0.0.1:{self.port}")
        while not self.answers():
            assert server.poll() is None, self.output()
            assert time.monotonic() < began + seconds, self.output()
            time.sleep(0.05)
        return time.monotonic() - began

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def stop(self, number: int = signal.SIGINT, *, seconds: float = 15) -> list[int]:
        """Ask all to end as Ctrl-C does; returns their exit codes."""
        for process in self.started:
            process.send_signal(number)
        codes = [process.wait(seconds) for process in self.started]
        self.started.clear()
        return codes

    def kill(self) -> None:
        """End what we started without giving it a chance to do anything."""
        for process in self.started:
            process.kill()
            process.wait(10)
        self.started.clear()

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def play_story(self, *, seconds: float = 100) -> subprocess.CompletedProcess[str]:
        """`make demo`."""
        command: Sequence[str] = [sys.executable, "-m", "clients.demo_story", "--url", self.url]
        return subprocess.run(command, cwd=BASE, capture_output=True, text=True, timeout=seconds, check=False)


@cache
def prepared() -> bytes:
    """What these commands make of nothing: the same each time, in five seconds of a processor."""
    with TemporaryDirectory() as folder:
        processes = Processes(Path(folder))
        processes.manage_well("migrate", "--verbosity", "0")
        processes.manage_well("load_demo")
        return (processes.data / DATABASE).read_bytes()
