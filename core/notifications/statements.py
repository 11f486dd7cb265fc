"""SQL by hand, where the ORM takes longer to build a statement anew than the database takes to run it."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction

MOST_ROWS = 1_000  # of up to 32 columns: SQLite takes 32,766 parameters (https://sqlite.org/limits.html, since 3.32)

Statement = tuple[str, list[Any]]
Row = TypeVar("Row")


def run_together(statements: Sequence[Statement]) -> list[tuple[Any, ...]]:
    """Run them in one transaction; return the rows that they return, one after the other.

    On PostgreSQL they are one message: none waits for the answer to the one before.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sql = ";".join(sql for sql, _ in statements)
            cursor.execute(sql, [value for _, values in statements for value in values])
            found = returned(cursor)
            while cursor.nextset():
                found += returned(cursor)
            return found
        with transaction.atomic():
            found = []
            for sql, values in statements:
                cursor.execute(sql, values)
                found += returned(cursor)
            return found


def returned(cursor: Any) -> list[tuple[Any, ...]]:
    """What the statement returned, if it returns anything."""
    return list(cursor.fetchall()) if cursor.description else []


def stored(value: Any) -> Any:
    """A value as this database takes it: a time, a UUID or JSON; anything else as it is."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID):
        return value.hex
    return json.dumps(value) if isinstance(value, dict) else value


def batches(rows: list[Row]) -> Iterator[list[Row]]:
    """As many rows as one statement takes."""
    return (rows[start : start + MOST_ROWS] for start in range(0, len(rows), MOST_ROWS))


def marks(rows: int, columns: int) -> str:
    """`(%s, …), …` for so many rows."""
    return ", ".join(["(" + ", ".join(["%s"] * columns) + ")"] * rows)
