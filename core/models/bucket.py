"""How much may be sent, and when the next: one row per limit in use."""

from django.db import models


class Bucket(models.Model):
    """A token bucket as one time: `full_at` is when it will be full again (the generic cell rate algorithm).

    In the past it is full, and its row of no use.
    """

    key = models.CharField(max_length=160, primary_key=True)
    full_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["full_at"], name="bucket_by_age")]

    def __str__(self) -> str:
        return f"{self.key} full at {self.full_at:%H:%M:%S}"
