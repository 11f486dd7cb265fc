"""The indexes of the searches: made by 0003 and 0013 and kept by triggers, so that no writer has to know of them.

`core_ticketwords` has one row a ticket, `core_questionwords` one a question. Whoever changes the functions or
triggers calls `install` from a new migration (and empties the table and calls `fill` when other words are to be
found). On SQLite any operation that rebuilds core_ticket, core_comment, core_question or core_answer (Django does for
constraints and changed fields) drops their triggers: such a migration calls `install` last.
tests/architecture/test_migrations.py sees when it does not.
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


class Index:
    """How one of them is made, filled and taken down; `name` is that of its scripts in sql/."""

    def __init__(self, name: str, model: str) -> None:
        self.name, self.model = name, model

    def install(self, apps: Any, schema_editor: Any) -> None:
        run(schema_editor, f"{self.name}_tables")
        run(schema_editor, f"{self.name}_triggers")

    def fill(self, apps: Any, schema_editor: Any) -> None:
        """In batches, after the triggers are at work: nobody waits long, and what they have written stays."""
        rows = apps.get_model("core", self.model).objects.order_by("-id")
        newest = rows.values_list("id", flat=True).first() or 0
        statement = script(schema_editor, f"{self.name}_fill")
        for first in range(1, newest + 1, BATCH):
            with schema_editor.connection.cursor() as cursor:
                cursor.execute(statement, {"first": first, "last": first + BATCH})

    def uninstall(self, apps: Any, schema_editor: Any) -> None:
        run(schema_editor, f"{self.name}_uninstall")


TICKETS, QUESTIONS = Index("search", "Ticket"), Index("questions", "Question")
install, fill, uninstall = TICKETS.install, TICKETS.fill, TICKETS.uninstall  # as 0003 calls them
