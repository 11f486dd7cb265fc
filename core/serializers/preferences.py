"""What people want to be told, where and when: what is answered can be sent back as it is."""

from collections.abc import Collection
from datetime import time
from typing import Any

from rest_framework import serializers

from core.actions.preferences import QuietHours
from core.models import Preference
from core.models.notification import SYSTEM
from core.models.user import validate_timezone
from core.notifications import registry
from core.notifications.preferences import is_off
from core.serializers.strict import StrictSerializer

ALWAYS = "The inbox cannot be turned off."
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z"
NO_CLOCK = "Enter a time such as 22:00."
NO_TIME = "Quiet hours must not start and end at the same time."


class NamedField(serializers.DictField):
    """Takes no names but those known to `known`; says which is the first that is not."""

    def __init__(self, *, what: str, **options: Any) -> None:
        self.what = what
        super().__init__(**options)

    def known(self) -> Collection[str]:
        return registry.events_by_preference() if self.what == "event" else registry.channels()

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(str(name) for name in data if name not in self.known()) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError(f"Unknown {self.what}: {unknown[0][:64]}.")
        return super().to_internal_value(data)


class QuietHoursSerializer(StrictSerializer):
    """Hours and minutes of a wall clock; they may span midnight."""

    start = serializers.RegexField(CLOCK, error_messages={"invalid": NO_CLOCK})
    end = serializers.RegexField(CLOCK, error_messages={"invalid": NO_CLOCK})
    timezone = serializers.CharField(max_length=64, validators=[validate_timezone])

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["start"] == attrs["end"]:
            raise serializers.ValidationError({"end": NO_TIME})
        return attrs


def quiet_hours_shown(preference: Preference) -> dict[str, str] | None:
    start, end = preference.quiet_start, preference.quiet_end
    if start is None or end is None:
        return None
    return {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "timezone": preference.quiet_timezone}


class PreferencesSerializer(StrictSerializer):
    """`events` says of each event on which channels it is wanted; to change one, only that need be named."""

    events = NamedField(
        what="event", child=NamedField(what="channel", child=serializers.BooleanField(), allow_empty=True)
    )
    quiet_hours = QuietHoursSerializer(allow_null=True)
    digest = serializers.ChoiceField(Preference.Digest.choices)

    def validate_events(self, value: dict[str, dict[str, bool]]) -> dict[str, dict[str, bool]]:
        for event, wanted in value.items():
            if wanted.get(SYSTEM) is False:
                raise serializers.ValidationError({event: {SYSTEM: ALWAYS}})
        return value

    def validate_quiet_hours(self, value: dict[str, str] | None) -> QuietHours | None:
        if value is None:
            return None
        return QuietHours(time.fromisoformat(value["start"]), time.fromisoformat(value["end"]), value["timezone"])

    def to_representation(self, preference: Preference) -> dict[str, Any]:
        return {
            "events": {
                event: {key: not is_off(preference, key, event) for key in registry.channels()}
                for event in registry.events_by_preference()
            },
            "quiet_hours": quiet_hours_shown(preference),
            "digest": preference.digest,
        }
