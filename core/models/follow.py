"""Who follows a ticket without working on it, and who wants to hear less of it."""

from django.db import models

from core.models.ticket import Ticket
from core.models.user import User


class Watch(models.Model):
    """Somebody hears of a ticket's comments; a DEVELOPER also sees what it watches."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="watches", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="watches")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="watched_once")]

    def __str__(self) -> str:
        return f"user {self.user_id} watches ticket {self.ticket_id}"


class Mute(models.Model):
    """Somebody hears of a ticket only when assigned to it or mentioned."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="mutes", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mutes")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="muted_once")]

    def __str__(self) -> str:
        return f"user {self.user_id} has muted ticket {self.ticket_id}"
