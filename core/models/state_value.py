"""What clients that poll are shown beside the inbox: one row per person and name, replaced in place."""

from django.db import models

from core.models.user import User


class StateValue(models.Model):
    """Written under the lock of the person's Feed; `timestamp` is what that gave out (seconds since 1970)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=64)
    data = models.JSONField()
    timestamp = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_state_per_name")]

    def __str__(self) -> str:
        return f"{self.name} of user {self.user_id}"
