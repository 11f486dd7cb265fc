"""What people wrote to us by WhatsApp."""

from django.db import models

from core.models.ticket import Ticket
from core.models.user import User


class InboundMessage(models.Model):
    """`sid` is Twilio's: the same message again does nothing, so it is kept when the text is forgotten.

    ASKED: its writer was asked which ticket is meant. `is_internal`: in reply to what only staff may read.
    """

    class Outcome(models.TextChoices):
        DONE = "DONE"
        ASKED = "ASKED"
        REFUSED = "REFUSED"
        IGNORED = "IGNORED"

    sid = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="inbound_messages")
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    text = models.TextField(max_length=4_096)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    code = models.CharField(max_length=64, blank=True)
    is_internal = models.BooleanField(default=False, db_default=False)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="inbound_outcome_known",
                condition=models.Q(outcome__in=["DONE", "ASKED", "REFUSED", "IGNORED"]),
            )
        ]
        indexes = [
            models.Index(fields=["received_at"], name="inbound_with_text", condition=~models.Q(text="")),
        ]

    def __str__(self) -> str:
        return f"inbound message {self.pk}: {self.outcome}"
