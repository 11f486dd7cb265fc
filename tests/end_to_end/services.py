"""A PostgreSQL and a Redis of a test's own, which may be ended and killed."""

import atexit
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from core.management.stack.child import end
from core.management.stack.services import Postgres, Redis
from tests.end_to_end.server import Processes
from tests.stack import open_folder

_kept = ExitStack()
atexit.register(_kept.close)


@contextmanager
def services() -> Iterator[tuple[Path, Postgres, Redis]]:
    """Both run, the database has the product's tables; the folder is theirs."""
    with open_folder() as folder, ExitStack() as leaving:
        subprocess.run(["cp", "-a", str(migrated()), str(folder / "postgres")], check=True)  # and whose it is
        postgres, redis = postgres_in(folder), Redis(folder)
        leaving.callback(end, [redis.child, postgres.child], seconds=10)
        postgres.start()
        redis.start()
        yield folder, postgres, redis


@cache
def migrated() -> Path:
    """The files of a PostgreSQL with the product's tables: making them takes longer than most tests."""
    folder = _kept.enter_context(open_folder())
    postgres = postgres_in(folder)
    postgres.start()
    try:
        Processes(folder, DATABASE_URL=postgres.url).manage_well("migrate", "--verbosity", "0")
    finally:
        end([postgres.child], seconds=10)
    return postgres.data


def postgres_in(folder: Path) -> Postgres:
    (folder / "run").mkdir()
    return Postgres(folder, folder / "run", "fsync=off")
