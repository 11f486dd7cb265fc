"""Who was told of a ticket, and how it reached them, as admins see it: never addresses, numbers or links."""

from rest_framework import serializers

from core.models import NotificationLog, Reason
from core.serializers.notifications import DeliverySerializer
from core.serializers.people import PersonSerializer


class TicketDeliverySerializer(DeliverySerializer):
    """One channel's part of it; `id` is what can be tried again. `attempts` counts the failed ones too."""

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "attempts"]
        read_only_fields = fields


class TicketNotificationSerializer(serializers.ModelSerializer[NotificationLog]):
    """What somebody was told, and what became of it on each channel."""

    # Needs notifications.deliveries.complete().
    recipient = PersonSerializer(read_only=True)
    reason = serializers.ChoiceField(Reason.choices, read_only=True)
    deliveries = TicketDeliverySerializer(many=True, read_only=True)

    class Meta:
        model = NotificationLog
        fields = ["id", "recipient", "event", "reason", "subject", "created_at", "deliveries"]
        read_only_fields = fields
