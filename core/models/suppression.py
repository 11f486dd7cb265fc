"""Addresses that take no mail of ours any more: they bounced, or somebody complained."""

from django.db import models
from django.db.models.functions import Lower


class Suppression(models.Model):
    """Nothing is sent to `address`, whoever has it, until an admin deletes this."""

    class Cause(models.TextChoices):
        BOUNCED = "bounced"
        COMPLAINED = "complained"

    address = models.EmailField(max_length=254)
    cause = models.CharField(max_length=16, choices=Cause.choices)
    detail = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(Lower("address"), name="suppressed_once"),
            models.CheckConstraint(
                name="suppression_cause_known", condition=models.Q(cause__in=["bounced", "complained"])
            ),
        ]

    def __str__(self) -> str:
        return f"suppression {self.pk}: {self.cause}"
