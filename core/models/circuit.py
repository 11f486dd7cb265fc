"""Channels that are switched off for a while because their configuration is wrong."""

from django.db import models


class ChannelCircuit(models.Model):
    """While `open_until` lies ahead nothing is sent on `channel`; its rows stay pending."""

    channel = models.CharField(max_length=16, primary_key=True)
    code = models.CharField(max_length=64)
    open_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.channel} until {self.open_until:%H:%M:%S}: {self.code}"
