"""Tickets for opening one socket or stream, where a token in the address would stay in logs and histories."""

from django.db import models

from core.models.session import Session


class OneTimeTicket(models.Model):
    """`key` is the hash of what the client holds. Using it deletes it, so one of N uses wins."""

    key = models.CharField(max_length=64, primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"ticket of session {self.session_id}"
