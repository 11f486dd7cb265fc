"""Channels that are switched off for a while: their configuration is wrong, or their provider is down."""

from django.db import models


class ChannelCircuit(models.Model):
    """While `open_until` lies ahead nothing is sent on `channel`; its rows stay pending. Closed, there is no row.

    After that it is half open: one message at a time probes it, by whoever holds `probing_until`. `openings` counts
    how often in a row it has opened; admins have been told at `alerted_at`.
    """

    channel = models.CharField(max_length=16, primary_key=True)
    code = models.CharField(max_length=64)
    open_until = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    openings = models.PositiveIntegerField(default=1, db_default=1)
    probing_until = models.DateTimeField(null=True, blank=True)
    alerted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.channel} until {self.open_until:%H:%M:%S}: {self.code}"
