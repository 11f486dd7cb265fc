"""POST login, refresh, logout, ticket, change_password, password_reset and its confirm; me and its verify_phone."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.action_serializers import NoInputSerializer
from core.actions import one_time_tickets, password_reset, people, phone, sessions
from core.addresses import client_address
from core.authentication import session_of
from core.notifications.phone_code import LIFETIME
from core.openapi import ErrorSerializer
from core.serializers.auth import (
    ChangePasswordSerializer,
    LoginSerializer,
    LogoutSerializer,
    MessageSerializer,
    OneTimeTicketSerializer,
    PasswordChangedSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
    PhoneVerificationSerializer,
    RefreshSerializer,
    SignedInSerializer,
    TokenPairSerializer,
    VerifyPhoneSerializer,
)
from core.serializers.people import MeSerializer, OwnAccountSerializer
from core.serializers.strict import checked
from core.throttling import answered_with_429

ASKED = "If an active account has this e-mail address, a link to set a new password is on its way."
NEVER_STORED = {"Cache-Control": "no-store"}  # RFC 6749 §5.1


class OpenView(APIView):
    """For everybody: a stale token in the header must not stand in the way of a new one."""

    authentication_classes = []
    permission_classes = [AllowAny]


class LoginView(OpenView):
    @extend_schema(
        operation_id="auth_login",
        request=LoginSerializer,
        responses={200: SignedInSerializer, 401: ErrorSerializer},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Sign in by username or e-mail address. Failures are limited per account and address."""
        data = checked(LoginSerializer(data=request.data))
        with answered_with_429():
            found = sessions.sign_in(**data, address=client_address(request))
        return Response(SignedInSerializer(found).data, headers=NEVER_STORED)


class RefreshView(OpenView):
    @extend_schema(
        operation_id="auth_refresh",
        request=RefreshSerializer,
        responses={200: TokenPairSerializer, 401: ErrorSerializer},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for the next pair. Each works once; reusing an old one ends the session."""
        data = checked(RefreshSerializer(data=request.data))
        found = sessions.refresh(token=data["refresh"])
        return Response(TokenPairSerializer(found).data, headers=NEVER_STORED)


class LogoutView(APIView):
    @extend_schema(operation_id="auth_logout", request=LogoutSerializer, responses={205: None})
    def post(self, request: Request) -> Response:
        """End this session: its access and refresh tokens stop working at once."""
        data = checked(LogoutSerializer(data=request.data))
        sessions.sign_out(session=session_of(request), refresh=data["refresh"])
        return Response(status=status.HTTP_205_RESET_CONTENT)


class TicketView(APIView):
    @extend_schema(operation_id="auth_ticket", request=NoInputSerializer, responses=OneTimeTicketSerializer)
    def post(self, request: Request) -> Response:
        """A ticket to open one socket or stream with, where an access token would stay in addresses and logs."""
        checked(NoInputSerializer(data=request.data))
        ticket = one_time_tickets.issue(session=session_of(request))
        body = {"ticket": ticket, "expires_in": int(one_time_tickets.LIFETIME.total_seconds())}
        return Response(body, headers=NEVER_STORED)


class MeView(APIView):
    @extend_schema(operation_id="auth_me", responses=OwnAccountSerializer)
    def get(self, request: Request) -> Response:
        """Your own account."""
        return Response(OwnAccountSerializer(session_of(request).user).data)

    @extend_schema(operation_id="auth_me_update", request=MeSerializer, responses=OwnAccountSerializer)
    def patch(self, request: Request) -> Response:
        """Change your names, phone number, locale or time zone."""
        user = session_of(request).user
        changes = checked(MeSerializer(user, data=request.data, partial=True))
        return Response(OwnAccountSerializer(people.change_profile(user=user, changes=changes)).data)


class VerifyPhoneView(APIView):
    @extend_schema(
        operation_id="auth_verify_phone",
        request=VerifyPhoneSerializer,
        responses={200: PhoneVerificationSerializer, 409: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """Without a code: send one to your phone number by WhatsApp. With it: the number is verified."""
        code, user = checked(VerifyPhoneSerializer(data=request.data)).get("code"), session_of(request).user
        if code is not None:
            phone.verify(user=user, code=code)
            return Response({"phone_verified": True, "expires_in": None})
        with answered_with_429():
            phone.send_code(user=user)
        return Response({"phone_verified": False, "expires_in": int(LIFETIME.total_seconds())})


class ChangePasswordView(APIView):
    @extend_schema(
        operation_id="auth_change_password", request=ChangePasswordSerializer, responses=PasswordChangedSerializer
    )
    def post(self, request: Request) -> Response:
        """Set a new password. Every other session of yours ends, this one stays."""
        data = checked(ChangePasswordSerializer(data=request.data))
        with answered_with_429():
            people.change_password(
                session=session_of(request),
                old=data["old_password"],
                new=data["new_password"],
                address=client_address(request),
            )
        return Response({"message": "Password changed."})


class PasswordResetView(OpenView):
    @extend_schema(
        operation_id="auth_password_reset", request=PasswordResetSerializer, responses=MessageSerializer, auth=[]
    )
    def post(self, request: Request) -> Response:
        """Ask for a link to set a new password. The answer is the same whether or not the address is known."""
        data = checked(PasswordResetSerializer(data=request.data))
        with answered_with_429():
            password_reset.request(email=data["email"], address=client_address(request))
        return Response({"message": ASKED})


class PasswordResetConfirmView(OpenView):
    @extend_schema(
        operation_id="auth_password_reset_confirm",
        request=PasswordResetConfirmSerializer,
        responses=MessageSerializer,
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Set a password with what the mailed link holds, of an invitation too. Every session of the person ends."""
        data = checked(PasswordResetConfirmSerializer(data=request.data))
        password_reset.confirm(uid=data["uid"], token=data["token"], new=data["new_password"])
        return Response({"message": "Password set. You can sign in now."})
