"""What the doors of /api/questions/ and /api/answers/ share. Whoever is signed in sees them all."""

from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import status, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from core.action_serializers import NoInputSerializer
from core.authentication import session_of
from core.models import User
from core.serializers.strict import checked


class PostDoor(viewsets.GenericViewSet[Any]):
    queryset: Any  # Question.objects or Answer.objects
    lookup_value_regex = "[0-9]{1,18}"

    @cached_property
    def user(self) -> User:
        return session_of(self.request).user

    def get_queryset(self) -> Any:
        return self.queryset.shown_to(self.user)

    def found(self, pk: str) -> Any:
        """Without what only its JSON needs."""
        return get_object_or_404(self.queryset, pk=pk)

    def shown(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        """As it is now, unless somebody has just deleted it."""
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=pk)).data, status=code)

    def take_nothing(self) -> None:
        checked(NoInputSerializer(data=self.request.data))

    def take_only(self, parameters: AbstractSet[str]) -> None:
        """Refuse other parameters, as the lists do."""
        if unknown := sorted(set(self.request.query_params) - parameters):
            raise ValidationError({name: ["Unknown parameter."] for name in unknown})
