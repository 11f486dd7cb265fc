"""What goes into and comes out of /api/auth/. Every input has a bound; passwords keep their spaces."""

from typing import Any

from rest_framework import serializers

from core.actions.tokens import LONGEST
from core.serializers.people import UserSerializer
from core.serializers.strict import StrictSerializer

PASSWORD: dict[str, Any] = {"max_length": 1024, "trim_whitespace": False, "style": {"input_type": "password"}}


class LoginSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=254, help_text="A username or an e-mail address, in any case.")
    password = serializers.CharField(**PASSWORD)


class SignedInSerializer(serializers.Serializer[Any]):
    # Shows actions.sessions.Tokens.
    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)
    user = UserSerializer(read_only=True, source="session.user")


class RefreshSerializer(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=LONGEST)


class TokenPairSerializer(serializers.Serializer[Any]):
    # Shows actions.sessions.Tokens.
    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)


class LogoutSerializer(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=LONGEST, help_text="The newest refresh token of this session.")


class OneTimeTicketSerializer(serializers.Serializer[Any]):
    """Goes where `?token=` goes, once, within so many seconds."""

    ticket = serializers.CharField(read_only=True)
    expires_in = serializers.IntegerField(read_only=True)


class ChangePasswordSerializer(serializers.Serializer[Any]):
    old_password = serializers.CharField(**PASSWORD)
    new_password = serializers.CharField(**PASSWORD)


class PasswordResetSerializer(StrictSerializer):
    email = serializers.EmailField(max_length=254)


class PasswordResetConfirmSerializer(StrictSerializer):
    """`uid` and `token` stand in the link that was mailed."""

    uid = serializers.CharField(max_length=20)
    token = serializers.CharField(max_length=200)
    new_password = serializers.CharField(**PASSWORD)


class MessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField(read_only=True)


class PasswordChangedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField(read_only=True)


class VerifyPhoneSerializer(StrictSerializer):
    code = serializers.RegexField(
        r"^[0-9]{6}\Z", required=False, help_text="As it was sent by WhatsApp. Left out: a code is sent."
    )


class PhoneVerificationSerializer(serializers.Serializer[Any]):
    """`expires_in`: for how many seconds the code works that was sent; null once the number is verified."""

    phone_verified = serializers.BooleanField(read_only=True)
    expires_in = serializers.IntegerField(read_only=True, allow_null=True)
