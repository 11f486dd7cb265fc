"""Input that names a field we do not take is refused, so that nobody believes it was taken."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.timezone import is_naive
from rest_framework import serializers

from core.domain.texts import can_be_seen

MAX_ID = 2**63 - 1
SHOWS_NOTHING = "This text shows nothing."
NO_OFFSET = "Give the time with its offset, such as 2027-01-31T12:00:00Z."


def checked(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    """The validated input; raises ValidationError (400)."""
    serializer.is_valid(raise_exception=True)
    data: dict[str, Any] = serializer.validated_data
    return data


class MomentField(serializers.DateTimeField):
    """Takes no time of which nobody knows where."""

    def enforce_timezone(self, value: datetime) -> datetime:
        if is_naive(value):
            raise serializers.ValidationError(NO_OFFSET)
        return super().enforce_timezone(value)


def showing(text: str) -> str:
    """`text`, refused when it has characters and none of them can be seen."""
    if text and not can_be_seen(text):
        raise serializers.ValidationError(SHOWS_NOTHING)
    return text


class TextField(serializers.CharField):
    """Takes no text that shows nothing."""

    def to_internal_value(self, data: Any) -> str:
        return showing(super().to_internal_value(data))


class StrictSerializer(serializers.Serializer[Any]):
    """Any other field is refused by name."""

    # `refusal` says why.
    refusal = "This field is not accepted here."

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            taken = {name for name, field in self.fields.items() if not field.read_only}
            # A name that no UTF-8 holds could not be named in the answer.
            others = [str(name).encode(errors="replace").decode() for name in data if name not in taken]
            if others:
                raise serializers.ValidationError({name: [self.refusal] for name in others})
        return super().to_internal_value(data)
