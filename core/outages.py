"""The database is away, or too busy: 503, and the client tries again. Any other error of it is a bug of ours."""

from typing import NamedTuple

from django.db import Error, InterfaceError, OperationalError

RETRY_AFTER = 5  # seconds
# Of PostgreSQL: somebody else was in the way; nothing was changed.
BUSY_STATES = ("40", "55P03", "57014")  # deadlock and serialization, lock_timeout, statement_timeout


class Outage(NamedTuple):
    detail: str
    code: str


AWAY = Outage("The database does not answer. Try again soon.", "database_unavailable")
BUSY = Outage("The database is busy. Try again soon.", "database_busy")


def outage(error: BaseException | None) -> Outage | None:
    """Which outage an error tells of, if any."""
    if isinstance(error, InterfaceError):
        return AWAY
    if not isinstance(error, OperationalError):
        return None
    state = state_of(error)
    if state.startswith(BUSY_STATES) or "is locked" in str(error):
        return BUSY
    # SQLite says "no such table" by the same class, but that is nobody's outage.
    return None if "no such" in str(error) else AWAY


def state_of(error: Error) -> str:
    """PostgreSQL's SQLSTATE; empty when it said nothing, since there was no connection, and on SQLite."""
    return getattr(error.__cause__, "sqlstate", None) or ""
