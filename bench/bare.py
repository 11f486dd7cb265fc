"""The same rows with nothing but what Django REST Framework does by itself, or by hand-written SQL.

Sign-in is the product's.
"""

from typing import Any

from django.db import connection
from django.utils import timezone
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, ModelSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import ModelViewSet

from bench.big import COUNT, HOW_MANY, PAGE
from core.models import NotificationLog, Ticket


class Twenty(PageNumberPagination):
    page_size = 20


class BareTicketSerializer(ModelSerializer[Ticket]):
    class Meta:
        model = Ticket
        exclude = ["assigned_to", "tags"]
        read_only_fields = ["created_by", "created_at", "updated_at"]


class BareTickets(ModelViewSet[Ticket]):
    queryset = Ticket.objects.all()
    serializer_class = BareTicketSerializer
    pagination_class = Twenty
    filter_backends = []

    def perform_create(self, serializer: BaseSerializer[Ticket]) -> None:
        now = timezone.now()
        serializer.save(created_by=self.request.user, created_at=now, updated_at=now)


class BareNotificationSerializer(ModelSerializer[NotificationLog]):
    class Meta:
        model = NotificationLog
        fields = "__all__"


class BareNotifications(ModelViewSet[NotificationLog]):
    serializer_class = BareNotificationSerializer
    pagination_class = Twenty
    filter_backends = []

    def get_queryset(self) -> Any:
        return NotificationLog.objects.filter(recipient=self.request.user.pk, notification_type="SYSTEM")


class Nothing(APIView):
    def post(self, request: Request) -> Response:
        return Response({})


class RawCount(APIView):
    def get(self, request: Request) -> Response:
        counts = asked(COUNT, request)
        return Response({"count": sum(row["count"] for row in counts), "by_event": counts})


class RawUnread(APIView):
    def get(self, request: Request) -> Response:
        return Response({"count": asked(HOW_MANY, request)[0]["count"], "results": asked(PAGE, request)})


def asked(sql: str, request: Request) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"user": request.user.pk})
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
