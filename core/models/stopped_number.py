"""Phone numbers whose owners want no WhatsApp of ours."""

from django.db import models


class StoppedNumber(models.Model):
    """STOP was written from it, and no START since: it gets no code either, whoever's account has it."""

    phone_number = models.CharField(max_length=16, primary_key=True)
    stopped_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"a number that stopped at {self.stopped_at:%Y-%m-%d %H:%M:%S}"
