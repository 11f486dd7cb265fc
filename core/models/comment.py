"""What people say on a ticket."""

from django.db import models

from core.models.ticket import Ticket
from core.models.user import User


class Comment(models.Model):
    """Internal ones are for staff: ADMIN and DEVELOPER."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="comments")
    body = models.TextField(max_length=2_000)
    is_internal = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="comment_says_something", condition=~models.Q(body=""))]

    def __str__(self) -> str:
        return f"comment {self.pk}"
