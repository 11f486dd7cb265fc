"""Numbers about tickets, as clients see them."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from core.domain.sla import CLOCKS
from core.models import Priority, Status


def counts(name: str, keys: list[str]) -> serializers.Serializer[Any]:
    """A number for each of these keys, zeros too."""
    return inline_serializer(name, {key: serializers.IntegerField(min_value=0) for key in keys})


class DaySerializer(serializers.Serializer[Any]):
    """A day in UTC."""

    date = serializers.DateField()
    created = serializers.IntegerField(min_value=0)
    closed = serializers.IntegerField(min_value=0)


class MedianSerializer(serializers.Serializer[Any]):
    """Seconds from creation, time on hold included; null when there is none yet."""

    response = serializers.FloatField(allow_null=True)
    resolution = serializers.FloatField(allow_null=True)


class TicketStatsSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(min_value=0)
    by_status = counts("TicketsByStatus", Status.values)
    by_priority = counts("TicketsByPriority", Priority.values)
    sla_breaches = counts("SlaBreaches", [*CLOCKS])
    median_seconds = MedianSerializer()
    per_day = DaySerializer(many=True, help_text="The last days, oldest first, today included.")
