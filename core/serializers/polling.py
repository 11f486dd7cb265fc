"""What clients that poll are answered. Frames and values are shown as they are; the fields are for the schema."""

from typing import Any

from rest_framework import serializers

from core.serializers.notifications import ActorSerializer, TicketSnapshotSerializer


class FrameSerializer(serializers.Serializer[Any]):
    """A notification as sockets have it, and as it is now."""

    type = serializers.CharField(help_text='"notification".')
    notification_type = serializers.CharField(help_text="The event.")
    event = serializers.CharField()
    message = serializers.CharField()
    ticket = TicketSnapshotSerializer(allow_null=True)
    timestamp = serializers.DateTimeField()
    id = serializers.IntegerField()
    seq = serializers.IntegerField()
    actor = ActorSerializer(allow_null=True)
    resource_type = serializers.CharField()
    resource_id = serializers.IntegerField()
    url = serializers.CharField()
    unread_count = serializers.IntegerField(min_value=0)
    changed_seq = serializers.IntegerField()
    is_read = serializers.BooleanField()
    is_archived = serializers.BooleanField()


class ChangesSerializer(serializers.Serializer[Any]):
    """Go on from `seq` and `epoch`. Not `recovered`: it could not be told whole, so fetch the list anew."""

    results = FrameSerializer(many=True)
    seq = serializers.IntegerField(min_value=0)
    epoch = serializers.CharField()
    unread_count = serializers.IntegerField(min_value=0)
    has_more = serializers.BooleanField()
    recovered = serializers.BooleanField()


class StateSerializer(serializers.Serializer[Any]):
    """`data` is what the name says: a number, or a list of `{task_id, progress}`."""

    name = serializers.CharField()
    data = serializers.JSONField()  # type: ignore[assignment]  # no attribute: a field, which takes no name away
    timestamp = serializers.FloatField()
