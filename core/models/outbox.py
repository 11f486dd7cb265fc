"""The development outbox: what would have left, had there been credentials. Demo mode only."""

from django.db import models


class OutboxMessage(models.Model):
    """`key` is the delivery's Message-ID or link, so one delivery is one message here too."""

    key = models.CharField(max_length=255, unique=True)
    channel = models.CharField(max_length=16)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    html = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.channel} {self.key}"
