"""/api/tickets/: thin doors. The actions are in ticket_actions.py."""

from typing import Any

from django.db.models import Count, Q
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from core.actions import tickets
from core.domain.policies import require_may_create, require_may_delete, require_may_edit, sees_internal
from core.filters import TicketFilterSet
from core.models import Role, Status, User, with_workers_and_labels
from core.openapi import ETAG, IF_MATCH
from core.pagination import PAGE_PARAMETERS, NumberedPages
from core.permissions import IsAdmin
from core.serializers.strict import checked
from core.serializers.ticket_details import CommentSerializer, DeveloperSerializer, HistorySerializer
from core.serializers.tickets import TicketCreateSerializer, TicketSerializer, TicketUpdateSerializer
from core.views.preconditions import expected_versions
from core.views.ticket_actions import TicketActions


class TicketViewSet(TicketActions):
    """The tickets that you see, the newest first unless you ask otherwise."""

    filterset_class = TicketFilterSet

    def filter_queryset(self, queryset: Any) -> Any:
        """A form of all the filters takes as long as the page, so only when there is something in it."""
        return super().filter_queryset(queryset) if self.request.query_params.keys() - PAGE_PARAMETERS else queryset

    def list(self, request: Request) -> Response:
        """The tickets that you see, the newest first unless you ask otherwise."""
        page = with_workers_and_labels(self.paginate_queryset(self.filter_queryset(self.get_queryset())) or [])
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=TicketCreateSerializer, responses={201: TicketSerializer}, parameters=[ETAG])
    def create(self, request: Request) -> Response:
        """Raise a ticket. Admins are told."""
        require_may_create(self.user.role)
        data = checked(TicketCreateSerializer(data=request.data))
        ticket = tickets.create(actor=self.user, **data)
        return self.answer(ticket.just_made(tagged=bool(data.get("tags"))), status.HTTP_201_CREATED)

    @extend_schema(parameters=[ETAG])
    def retrieve(self, request: Request, pk: str) -> Response:
        """One ticket, with what you may do with it now."""
        ticket = self.found(pk)
        self.take_only(frozenset())
        return self.shown(ticket.pk)

    @extend_schema(request=TicketUpdateSerializer, responses=TicketSerializer, parameters=[IF_MATCH, ETAG])
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a ticket: an admin, or its creator while it is NEW. Nobody is told."""
        ticket = self.found(pk)
        require_may_edit(ticket.status, self.part(ticket))
        fields = checked(TicketUpdateSerializer(data=request.data, partial=True))
        tickets.update(actor=self.user, ticket_id=ticket.pk, if_version=expected_versions(request), **fields)
        return self.shown(ticket.pk)

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        """Put a ticket out of everybody's sight: an admin. Nobody is told."""
        ticket = self.found(pk)
        require_may_delete(self.part(ticket))
        tickets.delete(actor=self.user, ticket_id=ticket.pk, if_version=expected_versions(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=HistorySerializer(many=True), filters=False)
    @action(detail=True)
    def history(self, request: Request, pk: str) -> Response:
        """What happened, oldest first: one row per action, creation included."""
        return self.page(self.found(pk).history.select_related("actor"), HistorySerializer)

    @extend_schema(responses=CommentSerializer(many=True), filters=False)
    @action(detail=True)
    def comments(self, request: Request, pk: str) -> Response:
        """What was said, oldest first. Clients are not shown what is internal."""
        said = self.found(pk).comments.select_related("author")
        return self.page(said if sees_internal(self.user.role) else said.filter(is_internal=False), CommentSerializer)

    @extend_schema(responses=DeveloperSerializer(many=True), filters=False)
    @action(detail=False, permission_classes=[IsAuthenticated, IsAdmin], pagination_class=NumberedPages)
    def developers(self, request: Request) -> Response:
        """The active developers, with how many unfinished tickets each has."""
        finished = Q(assigned_tickets__status__in=[Status.RESOLVED, Status.CLOSED, Status.CANCELLED])
        people = User.objects.filter(role=Role.DEVELOPER, is_active=True)
        load = Count("assigned_tickets", filter=~finished & Q(assigned_tickets__deleted_at=None))
        return self.page(people.annotate(open_tickets=load).order_by("username"), DeveloperSerializer)
