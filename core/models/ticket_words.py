"""What the search finds tickets by. The database keeps it by triggers: see core/migrations/_search.py."""

from django.db import models

from core.models.ticket import Ticket


class TicketWords(models.Model):
    """A tsvector on PostgreSQL; on SQLite a row of an FTS5 table, whose name is also that of the row as a whole."""

    ticket = models.OneToOneField(
        Ticket,
        primary_key=True,
        db_column="rowid",
        db_constraint=False,
        on_delete=models.DO_NOTHING,
        related_name="words",
    )
    words = models.TextField(db_column="core_ticketwords")

    class Meta:
        managed = False
        db_table = "core_ticketwords"

    def __str__(self) -> str:
        return f"words of ticket {self.pk}"
