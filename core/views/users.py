"""/api/users/: the administration of people, for admins."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from core.action_serializers import NoInputSerializer
from core.actions import users
from core.authentication import session_of
from core.filters import UserFilterSet
from core.models import User
from core.openapi import ErrorSerializer
from core.permissions import IsAdmin
from core.serializers.strict import checked
from core.serializers.users import AccountChangesSerializer, AccountCreateSerializer, AccountSerializer


class UserViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[User]):
    """People, for admins."""

    # `list` and `retrieve` are as DRF has them.

    queryset = User.objects.order_by("username")
    serializer_class = AccountSerializer
    filterset_class = UserFilterSet
    permission_classes = [IsAuthenticated, IsAdmin]
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(request=AccountCreateSerializer, responses={201: AccountSerializer})
    def create(self, request: Request) -> Response:
        """Make an account. Without a password its owner is invited by e-mail to choose one."""
        data = checked(AccountCreateSerializer(data=request.data))
        return self.shown(users.create(actor=self.actor, **data), status.HTTP_201_CREATED)

    @extend_schema(request=AccountChangesSerializer, responses={200: AccountSerializer, 409: ErrorSerializer})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change an account. Another role ends the person's sessions at once."""
        account = self.get_object()
        changes = checked(AccountChangesSerializer(account, data=request.data, partial=True))
        return self.shown(users.change(actor=self.actor, account=account, changes=changes))

    @extend_schema(responses={204: None, 409: ErrorSerializer})
    def destroy(self, request: Request, pk: str) -> Response:
        """The same as `deactivate`: people are not deleted, since their tickets and history stay."""
        users.deactivate(actor=self.actor, account=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=NoInputSerializer, responses=AccountSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        """Let somebody sign in again."""
        return self.shown(users.activate(account=self.found()))

    @extend_schema(request=NoInputSerializer, responses=AccountSerializer)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        """End somebody's sessions and let nobody sign in as them. Their tickets stay."""
        return self.shown(users.deactivate(actor=self.actor, account=self.found()))

    @extend_schema(request=NoInputSerializer, responses=AccountSerializer)
    @action(detail=True, methods=["post"])
    def invite(self, request: Request, pk: str) -> Response:
        """Send the invitation once more, as long as the person has no password."""
        account = self.found()
        users.invite(actor=self.actor, account=account)
        return self.shown(account)

    @property
    def actor(self) -> User:
        return session_of(self.request).user

    def found(self) -> User:
        """404 comes before 400: these actions take no input."""
        account = self.get_object()
        checked(NoInputSerializer(data=self.request.data))
        return account

    def shown(self, account: User, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(account).data, status=code)

    def get_object(self) -> User:
        """The filters are those of the list."""
        account: User = get_object_or_404(User, pk=self.kwargs["pk"])
        return account
