"""Notifications as the inbox shows them."""

from typing import Any

from rest_framework import serializers

from core.actions.clocks import iso
from core.models import DeliveryStatus, NotificationLog, Priority, Reason, Status

STATUSES = DeliveryStatus.choices


class DeliverySerializer(serializers.ModelSerializer[NotificationLog]):
    """One channel's part of a notification; `error` is a code, or why it was not sent."""

    status = serializers.ChoiceField(STATUSES, read_only=True)

    class Meta:
        model = NotificationLog
        fields = ["id", "notification_type", "status", "sent_at", "delivered_at", "error"]
        read_only_fields = fields


def delivery_shown(row: NotificationLog) -> dict[str, Any]:
    """As DeliverySerializer has it."""
    return {
        "id": row.pk,
        "notification_type": row.notification_type,
        "status": row.status,
        "sent_at": iso(row.sent_at),
        "delivered_at": iso(row.delivered_at),
        "error": row.error,
    }


class SnapshotSerializer(serializers.Serializer[Any]):
    # What was stored as JSON is shown as it is; the fields are for the schema.

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        return instance


class ActorSerializer(SnapshotSerializer):
    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField()


class TicketSnapshotSerializer(SnapshotSerializer):
    """A ticket as it was then."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    status_display = serializers.CharField()
    priority = serializers.ChoiceField(Priority.choices)


class NotificationSerializer(serializers.ModelSerializer[NotificationLog]):
    """An entry of the inbox. `ticket` and `actor` are as they were then."""

    # Needs notifications.deliveries.in_inbox(). The fields are for the schema, as a page is made plainly.
    ticket = TicketSnapshotSerializer(source="ticket_snapshot", allow_null=True, read_only=True)
    actor = ActorSerializer(allow_null=True, read_only=True)
    reason = serializers.ChoiceField(Reason.choices, read_only=True)
    status = serializers.ChoiceField(STATUSES, read_only=True)
    deliveries = DeliverySerializer(many=True, read_only=True)

    class Meta:
        model = NotificationLog
        fields = [
            "id",
            "seq",
            "changed_seq",
            "resource_type",
            "resource_id",
            "url",
            "notification_type",
            "event",
            "subject",
            "message",
            "ticket",
            "actor",
            "reason",
            "is_read",
            "read_at",
            "is_archived",
            "status",
            "deliveries",
            "created_at",
        ]
        read_only_fields = fields

    def to_representation(self, row: NotificationLog) -> dict[str, Any]:
        return {
            "id": row.pk,
            "seq": row.seq,
            "changed_seq": row.changed_seq,
            "resource_type": row.resource_type,
            "resource_id": row.resource_id,
            "url": row.url,
            "notification_type": row.notification_type,
            "event": row.event,
            "subject": row.subject,
            "message": row.message,
            "ticket": row.ticket_snapshot,
            "actor": row.actor,
            "reason": row.reason,
            "is_read": row.is_read,
            "read_at": iso(row.read_at),
            "is_archived": row.is_archived,
            "status": row.status,
            "deliveries": [delivery_shown(one) for one in row.deliveries],
            "created_at": iso(row.created_at),
        }


class UnreadCountSerializer(serializers.Serializer[Any]):
    """`by_type` counts each channel's rows, `by_event` notifications."""

    count = serializers.IntegerField(min_value=0)
    by_type = serializers.DictField(child=serializers.IntegerField(min_value=0))
    by_event = serializers.DictField(child=serializers.IntegerField(min_value=0))
    seq = serializers.IntegerField(min_value=0)
    epoch = serializers.CharField()


class MarkedOneSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
    notification = NotificationSerializer()
    unread_count = serializers.IntegerField(min_value=0)


class MarkedManySerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=0)
    unread_count = serializers.IntegerField(min_value=0)


class MarkedAllSerializer(MarkedManySerializer):
    message = serializers.CharField()
