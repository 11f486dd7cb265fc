"""The database away or busy: 503 with `Retry-After`, and nothing was changed (end_to_end/test_outages.py shows it)."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import psycopg
import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from django.test import RequestFactory
from structlog.testing import capture_logs

from core.models import Ticket, User
from core.outages import AWAY, BUSY, Outage, log, outage
from core.views import errors
from tests.tickets import Api, refused, url


def caused_by(cause: Exception) -> DatabaseError:
    """As Django wraps what the driver raises."""
    error = (InternalError if isinstance(cause, psycopg.InternalError) else OperationalError)(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (caused_by(psycopg.OperationalError("connection refused")), AWAY),
        (caused_by(psycopg.errors.AdminShutdown()), AWAY),
        (caused_by(psycopg.errors.CannotConnectNow()), AWAY),
        (caused_by(psycopg.errors.TooManyConnections()), AWAY),
        (InterfaceError("connection already closed"), AWAY),
        (caused_by(psycopg.errors.ReadOnlySqlTransaction()), AWAY),
        (caused_by(psycopg.errors.IdleInTransactionSessionTimeout()), AWAY),
        (caused_by(sqlite3.OperationalError("unable to open database file")), AWAY),
        (caused_by(sqlite3.OperationalError("disk I/O error")), AWAY),
        (caused_by(sqlite3.OperationalError("database or disk is full")), AWAY),
        (caused_by(sqlite3.OperationalError("attempt to write a readonly database")), AWAY),
        (caused_by(psycopg.errors.LockNotAvailable()), BUSY),
        (caused_by(psycopg.errors.DeadlockDetected()), BUSY),
        (caused_by(psycopg.errors.QueryCanceled()), BUSY),
        (caused_by(sqlite3.OperationalError("database is locked")), BUSY),
        (caused_by(sqlite3.OperationalError("no such table: core_ticket")), None),
        (caused_by(sqlite3.OperationalError('near "FORM": syntax error')), None),
        (caused_by(psycopg.errors.InFailedSqlTransaction()), None),
        (ProgrammingError("syntax error"), None),
        (IntegrityError("UNIQUE constraint failed"), None),
        (RuntimeError("a bug"), None),
        (None, None),
    ],
)
def test_an_outage_is_no_bug(error: Exception | None, found: Outage | None) -> None:
    assert outage(error) == found


def test_an_operator_is_told_which_outage_but_no_values() -> None:
    error = caused_by(psycopg.errors.TooManyConnections("FATAL: too many clients\nDETAIL: secret"))
    with capture_logs() as logs:
        log(AWAY, error)
    assert [(entry["sqlstate"], entry["message"]) for entry in logs] == [("53300", "FATAL: too many clients")]


def lose_connection() -> None:
    raise InterfaceError("connection already closed")


@pytest.mark.parametrize(("path", "kind"), [("/api/x/", "application/json"), ("/x/", "text/html; charset=utf-8")])
def test_it_is_said_outside_the_views_too(rf: RequestFactory, path: str, kind: str) -> None:
    try:
        lose_connection()
    except InterfaceError:
        response = errors.server_error(rf.get(path))
    assert (response.status_code, response["Retry-After"], response["Content-Type"]) == (503, "5", kind)


@pytest.fixture
def impatient(transactional_db: None) -> None:
    """This connection waits for no lock."""
    pragma = "PRAGMA busy_timeout = 50" if connection.vendor == "sqlite" else "SET lock_timeout = '50ms'"
    with connection.cursor() as cursor:
        cursor.execute(pragma)


def hold(ticket: Ticket, held: Event, let_go: Event) -> None:
    try:
        with transaction.atomic():
            Ticket.objects.select_for_update().get(pk=ticket.pk)
            held.set()
            let_go.wait(10)
    finally:
        connection.close()


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "one"}])
def test_who_waits_too_long_for_a_lock_is_told_to_come_again(
    api: Api, ada: User, new_ticket: Ticket, impatient: None, headers: dict[str, str]
) -> None:
    client, held, let_go = api(ada), Event(), Event()
    call = partial(client.post, url(new_ticket, "open_ticket"), headers=headers)
    with ThreadPoolExecutor(1) as threads:
        holding = threads.submit(hold, new_ticket, held, let_go)
        assert held.wait(10)
        answer = refused(503, call)
        let_go.set()
        holding.result()
    assert answer == {"detail": "The database is busy. Try again soon.", "code": "database_busy"}
    connection.close()
    assert call().status_code == 200
