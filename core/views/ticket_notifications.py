"""/api/tickets/{id}/notifications/ and decisions/: for admins."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from core.authentication import session_of
from core.domain.errors import NotAllowed
from core.filters import TicketNotificationFilterSet
from core.models import NotificationLog, Role
from core.notifications import deliveries
from core.notifications.decisions import decided
from core.serializers.decisions import TicketDecisionsSerializer
from core.serializers.ticket_notifications import TicketNotificationSerializer
from core.views.ticket_door import visible_ticket


class TicketNotifications(GenericAPIView[NotificationLog]):
    queryset = NotificationLog.objects.all()
    serializer_class: type[BaseSerializer[Any]] = TicketNotificationSerializer
    filterset_class = TicketNotificationFilterSet

    def get_queryset(self) -> Any:
        """404 for those who cannot see the ticket, 403 for those who are no admins."""
        user, pk = session_of(self.request).user, self.kwargs["pk"]
        visible_ticket(user, pk)
        if user.role != Role.ADMIN:
            raise NotAllowed
        return deliveries.of_ticket(pk)

    @extend_schema(responses=TicketNotificationSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Who was told of this ticket, newest first, and what became of it on each channel."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self.get_serializer(deliveries.complete(page), many=True).data)


class TicketDecisions(TicketNotifications):
    serializer_class = TicketDecisionsSerializer

    @extend_schema(responses=TicketDecisionsSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Why each notification of this ticket was sent, deferred or not sent, on each channel, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self.get_serializer(decided(page), many=True).data)
