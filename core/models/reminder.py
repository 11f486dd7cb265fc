"""What a ticket's people have been reminded of."""

from django.db import models

from core.models.ticket import Ticket


class Reminder(models.Model):
    """`kind` is the event and its clock. The same thing due at another time is another reminder.

    Of what is closed by itself soon: `due_at` is when it was resolved.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="reminders", db_index=False)
    kind = models.CharField(max_length=48)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "kind", "due_at"], name="reminded_once")]

    def __str__(self) -> str:
        return f"{self.kind} of ticket {self.ticket_id}"
