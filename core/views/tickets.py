"""/api/tickets/: a thin door. Find what the person may see, check who, check the input, call the verb."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer

from core.action_serializers import (
    NoInputSerializer,
    TicketAssignmentSerializer,
    TicketCommentSerializer,
    TicketFinishWorkSerializer,
    TicketRejectSerializer,
)
from core.actions import tickets
from core.actions.step import part_of
from core.authentication import session_of
from core.domain.policies import require_may_create, require_may_edit
from core.domain.transitions import Part, require_may
from core.filters import TicketFilterSet
from core.models import Role, Status, Ticket, User
from core.permissions import IsAdmin
from core.serializers.strict import checked
from core.serializers.ticket_details import CommentSerializer, DeveloperSerializer, HistorySerializer
from core.serializers.tickets import TicketCreateSerializer, TicketSerializer, TicketUpdateSerializer

Verb = Callable[..., Any]


class TicketViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Ticket]):
    queryset = Ticket.objects.all()
    serializer_class = TicketSerializer
    filterset_class = TicketFilterSet
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> Any:
        return Ticket.objects.visible_to(self.user).with_people()

    @cached_property
    def user(self) -> User:
        return session_of(self.request).user

    @extend_schema(request=TicketCreateSerializer, responses={201: TicketSerializer})
    def create(self, request: Request) -> Response:
        """Raise a ticket. Admins are told."""
        require_may_create(self.user.role)
        ticket = tickets.create(actor=self.user, **checked(TicketCreateSerializer(data=request.data)))
        return self.shown(ticket.pk, status.HTTP_201_CREATED)

    @extend_schema(request=TicketUpdateSerializer, responses=TicketSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a ticket: an admin, or its creator while it is NEW. Nobody is told."""
        ticket = self.found(pk)
        require_may_edit(ticket.status, self.part(ticket))
        fields = checked(TicketUpdateSerializer(data=request.data, partial=True))
        tickets.update(actor=self.user, ticket_id=ticket.pk, **fields)
        return self.shown(ticket.pk)

    @extend_schema(request=NoInputSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def open_ticket(self, request: Request, pk: str) -> Response:
        """Accept a new ticket: NEW → OPEN. Its creator is told."""
        return self.act(pk, tickets.open_ticket, NoInputSerializer)

    @extend_schema(request=TicketAssignmentSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Put exactly these developers on the ticket. The newly assigned and the removed are told."""
        return self.act(pk, tickets.assign, TicketAssignmentSerializer)

    @extend_schema(request=NoInputSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def start_work(self, request: Request, pk: str) -> Response:
        """Start: OPEN → IN_PROGRESS. The creator is told."""
        return self.act(pk, tickets.start_work, NoInputSerializer)

    @extend_schema(request=TicketFinishWorkSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def finish_work(self, request: Request, pk: str) -> Response:
        """Say it is done: IN_PROGRESS → RESOLVED. Creator and admins are told."""
        return self.act(pk, tickets.finish_work, TicketFinishWorkSerializer)

    @extend_schema(request=NoInputSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Accept the work: RESOLVED → CLOSED. Admins and assignees are told."""
        return self.act(pk, tickets.approve, NoInputSerializer)

    @extend_schema(request=TicketRejectSerializer, responses=TicketSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Send the work back: RESOLVED → IN_PROGRESS. Admins and assignees are told why."""
        return self.act(pk, tickets.reject, TicketRejectSerializer)

    @extend_schema(request=TicketCommentSerializer, responses={201: CommentSerializer})
    @action(detail=True, methods=["post"])
    def add_comment(self, request: Request, pk: str) -> Response:
        """Say something on the ticket. Creator and assignees are told."""
        ticket = self.found(pk)
        data = checked(TicketCommentSerializer(data=request.data))
        said = tickets.add_comment(actor=self.user, ticket_id=ticket.pk, comment=data["comment"])
        return Response(CommentSerializer(said).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=HistorySerializer(many=True), filters=False)
    @action(detail=True)
    def history(self, request: Request, pk: str) -> Response:
        """What happened, oldest first: one row per action, creation included."""
        return self.page(self.found(pk).history.select_related("actor"), HistorySerializer)

    @extend_schema(responses=CommentSerializer(many=True), filters=False)
    @action(detail=True)
    def comments(self, request: Request, pk: str) -> Response:
        """What was said, oldest first."""
        return self.page(self.found(pk).comments.select_related("author"), CommentSerializer)

    @extend_schema(responses=DeveloperSerializer(many=True), filters=False)
    @action(detail=False, permission_classes=[IsAuthenticated, IsAdmin])
    def developers(self, request: Request) -> Response:
        """The active developers, with how many unfinished tickets each has."""
        unfinished = ~Q(assigned_tickets__status__in=[Status.RESOLVED, Status.CLOSED, Status.CANCELLED])
        people = User.objects.filter(role=Role.DEVELOPER, is_active=True)
        load = Count("assigned_tickets", filter=unfinished)
        return self.page(people.annotate(open_tickets=load).order_by("username"), DeveloperSerializer)

    def found(self, pk: str) -> Ticket:
        """The ticket without what only its JSON needs; 404 when this person cannot see it."""
        ticket = Ticket.objects.visible_to(self.user).filter(pk=pk).first()
        if ticket is None:
            raise Http404
        return ticket

    def part(self, ticket: Ticket) -> Part:
        assigned = ticket.assignments.filter(user=self.user).values_list("user_id", flat=True)
        return part_of(self.user, ticket, list(assigned))

    def act(self, pk: str, verb: Verb, serializer_class: type[Serializer[Any]]) -> Response:
        """404, 403, 400, then the verb, which judges the status (409) under the ticket's lock."""
        ticket = self.found(pk)
        require_may(self.action, self.part(ticket))
        verb(actor=self.user, ticket_id=ticket.pk, **checked(serializer_class(data=self.request.data)))
        return self.shown(ticket.pk)

    def shown(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        """The ticket as it is now. Not looked up by visibility: a verb may just have ended that."""
        ticket = Ticket.objects.with_people().get(pk=pk)
        return Response(self.get_serializer(ticket).data, status=code)

    def page(self, rows: Any, serializer_class: type[BaseSerializer[Any]]) -> Response:
        return self.get_paginated_response(serializer_class(self.paginate_queryset(rows), many=True).data)
