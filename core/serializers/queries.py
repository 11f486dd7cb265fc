"""What stands behind the "?" where it is no filter of a list. Read it from `query_params.dict()`."""

import math
import re
from typing import Any

from rest_framework import serializers

from core.notifications import registry
from core.serializers.strict import MAX_ID, StrictSerializer

NO_TICKET = "Enter a ticket's id."
NOT_ALONE = "Give resource_type and resource_id, both."
NOT_BOTH = "Give ticket or a resource, not both."


class QuerySerializer(StrictSerializer):
    refusal = "Unknown parameter."


class WholeNumberField(serializers.IntegerField):
    """A number that the database can hold, in plain digits."""

    default_error_messages = {"invalid": "Enter a whole number."}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": MAX_ID} | options)

    def to_internal_value(self, data: Any) -> int:
        if not re.fullmatch("[0-9]{1,40}", data):
            self.fail("invalid")
        return super().to_internal_value(data)


class TimestampField(serializers.FloatField):
    """Seconds since 1970."""

    default_error_messages = {"invalid": "Enter a number of seconds, 0 or more."}

    def to_internal_value(self, data: Any) -> float:
        if not re.fullmatch(r"[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,3})?", data) or math.isinf(float(data)):
            self.fail("invalid")
        return super().to_internal_value(data)


class ResourceTypeField(serializers.ChoiceField):
    """Looks up what is registered whenever a serializer is made."""

    def __init__(self, **options: Any) -> None:
        super().__init__(registry.resource_types(), **options)


class MarkAllQuery(QuerySerializer):
    """Any other parameter would mean more than was meant, so it is refused."""

    ticket = WholeNumberField(
        min_value=1,
        required=False,
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], NO_TICKET),
        help_text="Only the notifications of this ticket.",
    )
    resource_type = ResourceTypeField(required=False, help_text="Only what is about one resource; with resource_id.")
    resource_id = WholeNumberField(required=False, help_text="That resource's id.")
    up_to_seq = WholeNumberField(required=False, help_text="Only what had arrived by this position of the inbox.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        missing = {"resource_type", "resource_id"} - attrs.keys()
        if len(missing) == 1:
            raise serializers.ValidationError({missing.pop(): [NOT_ALONE]})
        if "ticket" in attrs and not missing:
            raise serializers.ValidationError({"ticket": [NOT_BOTH]})
        return attrs


class ChangesQuery(QuerySerializer):
    since = WholeNumberField(help_text="The position up to which everything is known.")
    epoch = serializers.CharField(
        max_length=16, required=False, allow_blank=True, help_text="The epoch of that position, as it came with it."
    )


class StateQuery(QuerySerializer):
    since = TimestampField(required=False, default=0.0, help_text="The newest timestamp that is known.")
