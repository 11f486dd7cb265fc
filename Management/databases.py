"""Which database, and how we speak to it."""

from pathlib import Path
from typing import Any

import environ

SQLITE_OPTIONS = {
    # DEFERRED fails at once with "database is locked" on read-then-write, whatever the timeout.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}
POSTGRES_OPTIONS = {
    # Seconds, and milliseconds for the last: a server that is gone is noticed, whether we speak or wait.
    "connect_timeout": 2,
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 3000,
    # Nobody waits for a lock for long, nor holds one long after it has vanished. Long migrations are let be.
    "options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
}


def database(env: environ.Env, folder: Path) -> dict[str, Any]:
    """What DATABASE_URL says (`?sslmode=require`, too) goes before what we prefer; without it: SQLite in `folder`."""
    if not env.str("DATABASE_URL", default=""):
        folder.mkdir(parents=True, exist_ok=True)
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "db.sqlite3"), "OPTIONS": SQLITE_OPTIONS}
    given = dict(env.db_url("DATABASE_URL"))
    if given["ENGINE"].endswith("sqlite3"):
        return given | {"OPTIONS": SQLITE_OPTIONS | given.get("OPTIONS", {})}
    kept = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    return kept | given | {"OPTIONS": POSTGRES_OPTIONS | given.get("OPTIONS", {})}
