"""Why each delivery was sent, deferred or not sent, as admins see it: never addresses, numbers or links."""

from typing import Any

from rest_framework import serializers

from core.models import AttemptOutcome, DeliveryAttempt, Reason
from core.serializers.notifications import STATUSES
from core.serializers.people import PersonSerializer


class AttemptSerializer(serializers.ModelSerializer[DeliveryAttempt]):
    """One try to send. `outcome` is empty while it runs, or when it was cut off; `reported`: by the provider, later."""

    outcome = serializers.ChoiceField(AttemptOutcome.choices, allow_blank=True, read_only=True)

    class Meta:
        model = DeliveryAttempt
        fields = [
            *("id", "started_at", "finished_at", "outcome", "code", "provider_id"),
            *("reported", "reported_code", "reported_at"),
        ]
        read_only_fields = fields


class DecisionSerializer(serializers.Serializer[Any]):
    """What was decided of a notification on one channel, by whom or what, and what came of it."""

    # Shows notifications.decisions.Decision.
    id = serializers.IntegerField(source="delivery.pk")
    notification_type = serializers.CharField(source="delivery.notification_type")
    status = serializers.ChoiceField(STATUSES, source="delivery.status")
    reason = serializers.CharField(help_text="A word or code of the guide's table; empty when nothing is in the way.")
    decided_by = serializers.CharField()
    explanation = serializers.CharField()
    deferred_until = serializers.DateTimeField(source="until", allow_null=True)
    carried_by = serializers.IntegerField(
        source="delivery.carried_by_id", allow_null=True, help_text="The delivery in whose message it is said."
    )
    is_critical = serializers.BooleanField(source="delivery.is_critical")
    is_fallback = serializers.BooleanField(source="delivery.is_fallback")
    sent_at = serializers.DateTimeField(source="delivery.sent_at", allow_null=True)
    delivered_at = serializers.DateTimeField(source="delivery.delivered_at", allow_null=True)
    attempts = AttemptSerializer(many=True, help_text="The last 20, oldest first.")


class TicketDecisionsSerializer(serializers.Serializer[Any]):
    """What was decided of one notification, on each channel."""

    # Shows notifications.decisions.Decided.
    id = serializers.IntegerField(source="notification.pk", read_only=True)
    recipient = PersonSerializer(source="notification.recipient", read_only=True)
    event = serializers.CharField(source="notification.event", read_only=True)
    reason = serializers.ChoiceField(Reason.choices, source="notification.reason", read_only=True)
    created_at = serializers.DateTimeField(source="notification.created_at", read_only=True)
    decisions = DecisionSerializer(many=True, read_only=True)
