"""/api/bicycles/…: whoever owns one, or has borrowed it, sees it."""

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from tests.bicycles import verbs
from tests.bicycles.models import Bicycle


class BicycleSerializer(serializers.ModelSerializer[Bicycle]):
    class Meta:
        model = Bicycle
        fields = ["id", "name", "trips"]
        read_only_fields = fields


class CommentSerializer(serializers.Serializer[Any]):
    comment = serializers.CharField(max_length=2_000, required=False)


class BicycleDetail(RetrieveAPIView[Bicycle]):
    queryset = Bicycle._default_manager.all()
    serializer_class = BicycleSerializer

    def get_queryset(self) -> Any:
        user: Any = self.request.user
        return Bicycle._default_manager.filter(Q(owner=user) | Q(borrower=user))

    @extend_schema(request=CommentSerializer, responses=BicycleSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """The borrower brings it back."""
        given = CommentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user: Any = request.user
        return Response(BicycleSerializer(verbs.bring_back(actor=user, bicycle_id=pk, **given.validated_data)).data)
