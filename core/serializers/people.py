"""People, as others see them and as they see themselves."""

from typing import Any

from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from core.models import User
from core.serializers.strict import StrictSerializer, showing


def person_shown(person: User) -> dict[str, Any]:
    """Plainly: a page has dozens of these, and going by the fields is slow."""
    return {"id": person.pk, "username": person.username, "full_name": person.full_name}


class PersonSerializer(serializers.ModelSerializer[User]):
    """Somebody, as part of something else: `created_by`, `assigned_to`, `actor`."""

    full_name = serializers.CharField(read_only=True)

    class Meta:
        model = User
        fields = ["id", "username", "full_name"]
        read_only_fields = fields

    def to_representation(self, instance: User) -> dict[str, Any]:
        return person_shown(instance)


class UserSerializer(serializers.ModelSerializer[User]):
    """A whole account, as its owner sees it. `phone_number` is E.164, or empty."""

    full_name = serializers.CharField(read_only=True)
    phone_number = serializers.CharField(read_only=True)

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "email",
            "first_name",
            "last_name",
            "full_name",
            "role",
            "phone_number",
            "locale",
            "timezone",
            "is_active",
        ]
        read_only_fields = fields


class OwnAccountSerializer(UserSerializer):
    """With what is said of one's WhatsApp: verified by a code, turned off by STOP and on by START."""

    phone_verified = serializers.SerializerMethodField()
    whatsapp_opted_in = serializers.BooleanField(read_only=True)

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "phone_verified", "whatsapp_opted_in"]
        read_only_fields = fields

    def get_phone_verified(self, user: User) -> bool:
        return user.phone_verified_at is not None


class MeSerializer(StrictSerializer, serializers.ModelSerializer[User]):
    """What people may change about themselves. Any other field is refused by name, known or not."""

    refusal = "This field cannot be changed here."
    phone_number = PhoneNumberField(required=False, allow_blank=True, max_length=32, help_text="E.164, or empty.")

    class Meta:
        model = User
        fields = ["first_name", "last_name", "phone_number", "locale", "timezone"]

    def validate_first_name(self, value: str) -> str:
        """One line, so that it can stand in a mail's header."""
        return showing(" ".join(value.split()))

    validate_last_name = validate_first_name
