"""A PostgreSQL and a Redis for one run, a fresh database for each part, and servers of the product."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from core.management.stack.child import end
from core.management.stack.services import Postgres, Redis
from tests.end_to_end.server import Processes
from tests.stack import common, open_folder, stop

MODEL = "bench_model"  # the migrated database that the others are copies of


class World:
    def __init__(self, folder: Path) -> None:
        (folder / "run").mkdir()
        self.folder, self.postgres, self.redis = folder, Postgres(folder, folder / "run"), Redis(folder)

    def create(self, database: str, model: str = "template1") -> dict[str, str]:
        """Make a database; the environment of processes that use it."""
        run = self.postgres.run
        with psycopg.connect(host=str(run), user="postgres", dbname="postgres", autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{database}" TEMPLATE "{model}"'.encode())
        return {
            **common(self.folder),
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "DATABASE_URL": f"postgres://postgres@/{run}/{database}",
            "REDIS_URL": self.redis.url,
            "CELERY_BROKER_URL": self.redis.url,
        }


@contextmanager
def world() -> Iterator[World]:
    with open_folder() as folder:
        made = World(folder)
        try:
            made.postgres.start()
            made.redis.start()
            with psycopg.connect(host=str(made.postgres.run), user="postgres", autocommit=True) as server:
                fsync(server, "off")  # that would be the same for us and for what we are compared with
            yield made
        finally:
            end([made.redis.child, made.postgres.child], seconds=20)


def database(name: str = "") -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection of our own to this part's database, or to another of the same server."""
    given = settings.DATABASES["default"]
    return psycopg.connect(host=given["HOST"], user=given["USER"], dbname=name or given["NAME"], autocommit=True)


def analyze() -> None:
    """As autovacuum does within a minute; until then PostgreSQL plans by guesses."""
    with database() as server:
        server.execute("ANALYZE")


def fsync(server: "psycopg.Connection[Any]", state: str) -> None:
    """Whether commits wait for the disk, in all databases."""
    server.execute(f"ALTER SYSTEM SET fsync = {state}".encode())
    server.execute("SELECT pg_reload_conf()")


@contextmanager
def waiting_for_the_disk() -> Iterator[None]:
    """For what holds a lock until its commit is on the disk."""
    with database() as server:
        fsync(server, "on")
        yield
        fsync(server, "off")


def copy_database(name: str) -> dict[str, str]:
    """Copy this part's database; the environment of processes that use the copy."""
    connection.close()
    with database("postgres") as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{settings.DATABASES["default"]["NAME"]}"'.encode())
    return {"DATABASE_URL": os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"}


@contextmanager
def product(**environment: str) -> Iterator[Processes]:
    """A server of the product, with the environment of this part."""
    own = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")}
    with (
        TemporaryDirectory(prefix="incident-bench-") as folder,
        Processes(Path(folder), DEMO="0", **(own | environment)) as processes,
    ):
        processes.serve()
        yield processes
        processes.stop()


@contextmanager
def started(*command: str, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of ours with the environment of this part; what it says is of no interest."""
    process = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        stop(process)
