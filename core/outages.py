"""The database is away, or too busy: 503, and the client tries again. Any other error of it is a bug of ours."""

import sqlite3
from typing import NamedTuple

import structlog
from django.db import Error, InterfaceError, InternalError, OperationalError

logger = structlog.get_logger(__name__)

RETRY_AFTER = 5  # seconds
# Of PostgreSQL: somebody else was in the way; nothing was changed.
BUSY_STATES = ("40", "55P03", "57014")  # deadlock and serialization, lock_timeout, statement_timeout
# InternalErrors of PostgreSQL: read-only since a failover, and idle_in_transaction_session_timeout.
AWAY_STATES = ("25006", "25P03")
# SQLite says bugs ("no such table", "near …: syntax error") by the class of outages: all others are bugs.
AWAY_MESSAGES = ("unable to open", "disk I/O error", "disk is full", "readonly database")


class Outage(NamedTuple):
    detail: str
    code: str


AWAY = Outage("The database does not answer. Try again soon.", "database_unavailable")
BUSY = Outage("The database is busy. Try again soon.", "database_busy")


def outage(error: BaseException | None) -> Outage | None:
    """Which outage an error tells of, if any."""
    if isinstance(error, InterfaceError):
        return AWAY
    if isinstance(error, InternalError):
        return AWAY if state_of(error) in AWAY_STATES else None
    if not isinstance(error, OperationalError):
        return None
    if isinstance(error.__cause__, sqlite3.Error):
        return of_sqlite(str(error))
    return BUSY if state_of(error).startswith(BUSY_STATES) else AWAY


def of_sqlite(message: str) -> Outage | None:
    if "is locked" in message:
        return BUSY
    return AWAY if any(known in message for known in AWAY_MESSAGES) else None


def log(found: Outage, error: BaseException | None) -> None:
    """What an operator needs; only the first line of the message, since values stand in those below (DETAIL)."""
    state = state_of(error) if isinstance(error, Error) else ""
    logger.warning(found.code, error=type(error).__name__, sqlstate=state, message=str(error).partition("\n")[0])


def state_of(error: Error) -> str:
    """PostgreSQL's SQLSTATE; empty when it said nothing, since there was no connection, and on SQLite."""
    return getattr(error.__cause__, "sqlstate", None) or ""
