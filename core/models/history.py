"""What happened to a ticket: one row per action, creation included, never changed afterwards."""

from django.db import models

from core.models.choices import Status
from core.models.ticket import Ticket
from core.models.user import User


class TicketHistory(models.Model):
    """`changes` is `{field: [before, after]}` as JSON values; `comment` is what the actor wrote.

    Without an actor it happened by itself.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="history", db_index=False)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=32)
    from_status = models.CharField(max_length=16, choices=Status.choices, blank=True)
    to_status = models.CharField(max_length=16, choices=Status.choices)
    comment = models.TextField(max_length=2_000, blank=True)
    changes = models.JSONField(default=dict)
    version = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "ticket history"
        constraints = [models.UniqueConstraint(fields=["ticket", "version"], name="history_row_per_version")]

    def __str__(self) -> str:
        return f"{self.action} of ticket {self.ticket_id}"
