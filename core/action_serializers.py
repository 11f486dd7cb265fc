"""What each action takes. Texts are trimmed before they are counted."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from core.domain.texts import MAX_TEXT, SHORTEST_COMMENT, SHORTEST_REPORT
from core.notifications import registry
from core.serializers.strict import MAX_ID, MomentField, StrictSerializer, TextField

YEAR = timedelta(days=365)
MOST_TICKETS = 1_000  # at a time


def time_ahead(name: str, least: timedelta) -> Callable[[datetime], None]:
    """A validator: in the future, at least `least` and at most a year away."""

    def validate(value: datetime) -> None:
        ahead = value - timezone.now()
        if ahead <= timedelta():
            raise serializers.ValidationError(f"{name} must be in the future")
        if ahead < least:
            minutes = int(least.total_seconds() // 60)
            raise serializers.ValidationError(f"{name} must be at least {minutes} minutes from now")
        if ahead > YEAR:
            raise serializers.ValidationError(f"{name} must be at most 1 year from now")

    return validate


class TicketAssignmentSerializer(StrictSerializer):
    """The developers a ticket is to have from now on. An omitted date stays, null clears it."""

    assigned_to = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID), min_length=1, max_length=20
    )
    resolution_due_at = MomentField(
        required=False, allow_null=True, validators=[time_ahead("Resolution due date", timedelta(minutes=30))]
    )
    estimated_resolution_time = MomentField(
        required=False, allow_null=True, validators=[time_ahead("Estimated resolution time", timedelta(minutes=15))]
    )

    def validate_assigned_to(self, value: list[int]) -> list[int]:
        if len(set(value)) < len(value):
            raise serializers.ValidationError("Each developer can be named only once.")
        return value


class TicketFinishWorkSerializer(StrictSerializer):
    comment = TextField(min_length=SHORTEST_REPORT, max_length=MAX_TEXT, required=False, allow_blank=True)


class TicketRejectSerializer(StrictSerializer):
    comment = TextField(min_length=10, max_length=MAX_TEXT)


class TicketReasonSerializer(StrictSerializer):
    comment = TextField(min_length=5, max_length=MAX_TEXT)


class TicketHoldSerializer(TicketReasonSerializer):
    """What the ticket waits for."""


class TicketReopenSerializer(TicketReasonSerializer):
    """Why it is not done after all."""


class TicketCancelSerializer(TicketReasonSerializer):
    """Why it is given up."""


class TicketCommentSerializer(StrictSerializer):
    comment = TextField(min_length=SHORTEST_COMMENT, max_length=MAX_TEXT, help_text="@username mentions somebody.")
    is_internal = serializers.BooleanField(required=False, help_text="For staff alone. Admins and developers only.")


class NoInputSerializer(StrictSerializer):
    """For actions that take no input."""


# What people do to tickets, and what that takes.
INPUTS: dict[str, type[StrictSerializer]] = {
    "open_ticket": NoInputSerializer,
    "assign": TicketAssignmentSerializer,
    "start_work": NoInputSerializer,
    "finish_work": TicketFinishWorkSerializer,
    "approve": NoInputSerializer,
    "reject": TicketRejectSerializer,
    "hold": TicketHoldSerializer,
    "resume": NoInputSerializer,
    "reopen": TicketReopenSerializer,
    "cancel": TicketCancelSerializer,
    "add_comment": TicketCommentSerializer,
    "watch": NoInputSerializer,
    "unwatch": NoInputSerializer,
    "mute": NoInputSerializer,
    "unmute": NoInputSerializer,
}


class TicketBulkSerializer(StrictSerializer):
    """One action on many tickets, in this order."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID), min_length=1, max_length=MOST_TICKETS
    )
    action = serializers.ChoiceField(list(INPUTS))
    data = serializers.DictField(  # type: ignore[assignment]  # DRF's metaclass keeps it apart from the property
        required=False, help_text="What the action takes of one ticket."
    )

    def validate_ids(self, value: list[int]) -> list[int]:
        if len(set(value)) < len(value):
            raise serializers.ValidationError("Each ticket can be named only once.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """`data` becomes what the action's own serializer makes of it, as JSON can hold it."""
        taken = INPUTS[attrs["action"]](data=attrs.get("data", {}))
        if not taken.is_valid():
            raise serializers.ValidationError({"data": taken.errors})
        return attrs | {"data": dict(taken.data)}


class MarkAsReadSerializer(StrictSerializer):
    notification_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID), min_length=1, max_length=1_000
    )


class TestNotificationSerializer(StrictSerializer):
    channel = serializers.ChoiceField(list(registry.channels()))
