"""Files on tickets. The storage holds them under generated names; what people called them stands here."""

from django.db import models

from core.models.ticket import Ticket
from core.models.user import User

MAX_NAME = 150


class Attachment(models.Model):
    """`content_type` is what the content is, not what its sender said; `size` is in bytes."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="attachments")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=MAX_NAME)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    file = models.FileField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"attachment {self.pk}"
