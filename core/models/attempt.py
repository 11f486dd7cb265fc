"""Each try to send one delivery; written before the network is touched."""

from django.db import models

from core.models.choices import AttemptOutcome
from core.models.notification import NotificationLog


class DeliveryAttempt(models.Model):
    """`outcome` is empty while it runs, and stays empty if the process died: then nobody knows.

    `reported` is the furthest that the provider has said of it afterwards (a status callback), in its own words.
    """

    delivery = models.ForeignKey(NotificationLog, on_delete=models.CASCADE, related_name="delivery_attempts")
    token = models.UUIDField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=AttemptOutcome.choices, blank=True)
    code = models.CharField(max_length=64, blank=True)
    provider_id = models.CharField(max_length=255, blank=True)
    reported = models.CharField(max_length=16, blank=True, default="", db_default="")
    reported_code = models.CharField(max_length=64, blank=True, default="", db_default="")
    reported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="attempt_finished_with_outcome",
                condition=models.Q(outcome="", finished_at=None)
                | ~models.Q(outcome="") & models.Q(finished_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk} of delivery {self.delivery_id}"
