"""People, as admins see and change them."""

from typing import Any

from rest_framework import serializers

from core.models import Role
from core.models.user import username_validator
from core.serializers.auth import PASSWORD
from core.serializers.people import MeSerializer, UserSerializer

# Whether it is taken the verb says, in whatever case; so DRF need not ask first.
USERNAME: dict[str, Any] = {"validators": [username_validator]}


class AccountSerializer(UserSerializer):
    """`has_password`: false for somebody who has been invited and has not chosen one yet."""

    has_password = serializers.BooleanField(source="has_usable_password", read_only=True)

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "date_joined", "has_password"]
        read_only_fields = fields


class AccountChangesSerializer(MeSerializer):
    """An account's password is changed by its owner only, `is_active` by `activate` and `deactivate`."""

    role = serializers.ChoiceField(Role.choices)

    class Meta(MeSerializer.Meta):
        fields = ["username", "email", "role", *MeSerializer.Meta.fields]
        extra_kwargs = {"username": USERNAME}


class AccountCreateSerializer(AccountChangesSerializer):
    """A new account."""

    refusal = "This field is not accepted here."
    password = serializers.CharField(
        required=False,
        write_only=True,
        help_text="Left out: the person is invited by e-mail to choose one.",
        **PASSWORD,
    )

    class Meta(AccountChangesSerializer.Meta):
        fields = [*AccountChangesSerializer.Meta.fields, "password"]
