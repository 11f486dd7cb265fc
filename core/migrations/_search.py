"""The index of the search: made by 0003 and kept by triggers, so that no writer has to know of it.

`core_ticketwords` has one row a ticket. Whoever changes the functions or triggers calls `install` from a new
migration (and empties the table and calls `fill` when other words are to be found). On SQLite any operation
that rebuilds core_ticket or core_comment (Django does for constraints and changed fields) drops their
triggers: such a migration calls `install` last. tests/architecture/test_migrations.py sees when it does not.
"""

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "sql"
BATCH = 1_000


def script(schema_editor: Any, name: str) -> str:
    return (FOLDER / f"{name}_{schema_editor.connection.vendor}.sql").read_text(encoding="utf-8")


def run(schema_editor: Any, name: str) -> None:
    for statement in script(schema_editor, name).split("\n\n"):
        schema_editor.execute(statement, params=None)


def install(apps: Any, schema_editor: Any) -> None:
    run(schema_editor, "search_tables")
    run(schema_editor, "search_triggers")


def fill(apps: Any, schema_editor: Any) -> None:
    """In batches, after the triggers are at work: nobody waits long, and what they have written stays."""
    newest = apps.get_model("core", "Ticket").objects.order_by("-id").values_list("id", flat=True).first() or 0
    statement = script(schema_editor, "search_fill")
    for first in range(1, newest + 1, BATCH):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(statement, {"first": first, "last": first + BATCH})


def uninstall(apps: Any, schema_editor: Any) -> None:
    run(schema_editor, "search_uninstall")
