"""When what has to happen regularly last did."""

from django.db import models


class Heartbeat(models.Model):
    """Written only when all of it went well."""

    name = models.CharField(max_length=32, primary_key=True)
    beat_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.beat_at:%H:%M:%S}"
