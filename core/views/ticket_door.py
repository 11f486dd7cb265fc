"""What all doors of /api/tickets/ share: find what the person may see, show it."""

from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any

from django.http import Http404
from rest_framework import status, viewsets
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from core.authentication import session_of
from core.domain.transitions import Part, part_of
from core.models import Ticket, User, with_workers_and_labels
from core.pagination import PAGE_PARAMETERS
from core.serializers.tickets import TicketSerializer
from core.views.parameters import take_only
from core.views.preconditions import etag


def visible_ticket(user: User, pk: int | str) -> Ticket:
    """The ticket without what only its JSON needs; 404 when `user` cannot see it."""
    ticket = Ticket.objects.visible_to(user).filter(pk=pk).first()
    if ticket is None:
        raise Http404
    return ticket


class TicketDoor(viewsets.GenericViewSet[Ticket]):
    queryset = Ticket.objects.all()
    serializer_class = TicketSerializer
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> Any:
        return Ticket.objects.visible_to(self.user).with_people(self.user)

    @cached_property
    def user(self) -> User:
        return session_of(self.request).user

    def found(self, pk: str) -> Ticket:
        return visible_ticket(self.user, pk)

    def part(self, ticket: Ticket) -> Part:
        assigned = ticket.assignments.filter(user=self.user).values_list("user_id", flat=True)
        return part_of(self.user, creator_id=ticket.created_by_id, assignee_ids=list(assigned))

    def shown(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        """The ticket as it is now. Not looked up by visibility: a verb may just have ended that."""
        (ticket,) = with_workers_and_labels([Ticket.objects.with_people(self.user).get(pk=pk)])
        return self.answer(ticket, code)

    def answer(self, ticket: Ticket, code: int = status.HTTP_200_OK) -> Response:
        """Never 304: what one may do, and the SLA, change without the version."""
        return Response(self.get_serializer(ticket).data, status=code, headers=etag(ticket.version))

    def page(self, rows: Any, serializer_class: type[BaseSerializer[Any]]) -> Response:
        self.take_only(PAGE_PARAMETERS)
        shown = serializer_class(self.paginate_queryset(rows), many=True, context=self.get_serializer_context())
        return self.get_paginated_response(shown.data)

    def take_only(self, parameters: AbstractSet[str]) -> None:
        take_only(self.request, parameters)
