"""/api/tickets/{id}/<action>/: find what the person may see, check who, check the input, call the verb."""

from collections.abc import Callable
from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from core.action_serializers import (
    NoInputSerializer,
    TicketAssignmentSerializer,
    TicketCancelSerializer,
    TicketCommentSerializer,
    TicketFinishWorkSerializer,
    TicketHoldSerializer,
    TicketRejectSerializer,
    TicketReopenSerializer,
)
from core.actions import tickets
from core.domain.transitions import require_may
from core.models import Assignment
from core.openapi import ETAG, IF_MATCH
from core.serializers.strict import checked
from core.serializers.ticket_details import CommentSerializer
from core.serializers.tickets import TicketSerializer
from core.views.preconditions import etag, expected_versions
from core.views.ticket_door import TicketDoor

Verb = Callable[..., Any]
Input = type[Serializer[Any]]


def ticket_action(serializer_class: Input) -> Callable[[Verb], Verb]:
    """POST with this input and `If-Match`; answers the ticket."""

    def decorate(method: Verb) -> Verb:
        described = extend_schema(request=serializer_class, responses=TicketSerializer, parameters=[IF_MATCH, ETAG])
        return described(action(detail=True, methods=["post"])(method))

    return decorate


class TicketActions(TicketDoor):
    @ticket_action(NoInputSerializer)
    def open_ticket(self, request: Request, pk: str) -> Response:
        """Accept a new ticket: NEW → OPEN. Its creator is told."""
        return self.act(pk, tickets.open_ticket, NoInputSerializer)

    @ticket_action(TicketAssignmentSerializer)
    def assign(self, request: Request, pk: str) -> Response:
        """Put exactly these developers on the ticket. The newly assigned and the removed are told."""
        seen = list(Assignment.objects.filter(ticket=int(pk)).values_list("user_id", flat=True))
        return self.act(pk, partial(tickets.assign, instead_of=seen), TicketAssignmentSerializer)

    @ticket_action(NoInputSerializer)
    def start_work(self, request: Request, pk: str) -> Response:
        """Start: OPEN or ON_HOLD → IN_PROGRESS. The creator is told."""
        return self.act(pk, tickets.start_work, NoInputSerializer)

    @ticket_action(TicketFinishWorkSerializer)
    def finish_work(self, request: Request, pk: str) -> Response:
        """Say it is done: IN_PROGRESS → RESOLVED. Creator and admins are told."""
        return self.act(pk, tickets.finish_work, TicketFinishWorkSerializer)

    @ticket_action(NoInputSerializer)
    def approve(self, request: Request, pk: str) -> Response:
        """Accept the work: RESOLVED → CLOSED. Admins and assignees are told."""
        return self.act(pk, tickets.approve, NoInputSerializer)

    @ticket_action(TicketRejectSerializer)
    def reject(self, request: Request, pk: str) -> Response:
        """Send the work back: RESOLVED → IN_PROGRESS. Admins and assignees are told why."""
        return self.act(pk, tickets.reject, TicketRejectSerializer)

    @ticket_action(TicketHoldSerializer)
    def hold(self, request: Request, pk: str) -> Response:
        """Wait for something: → ON_HOLD, where the clocks stand. Creator and assignees are told why."""
        return self.act(pk, tickets.hold, TicketHoldSerializer)

    @ticket_action(NoInputSerializer)
    def resume(self, request: Request, pk: str) -> Response:
        """Go on: ON_HOLD → the status it was held from. Creator and assignees are told."""
        return self.act(pk, tickets.resume, NoInputSerializer)

    @ticket_action(TicketReopenSerializer)
    def reopen(self, request: Request, pk: str) -> Response:
        """Bring it back within 14 days: CLOSED → OPEN. Admins and assignees are told why."""
        return self.act(pk, tickets.reopen, TicketReopenSerializer)

    @ticket_action(TicketCancelSerializer)
    def cancel(self, request: Request, pk: str) -> Response:
        """Give it up: → CANCELLED. Creator, assignees and admins are told why."""
        return self.act(pk, tickets.cancel, TicketCancelSerializer)

    @extend_schema(request=TicketCommentSerializer, responses={201: CommentSerializer}, parameters=[IF_MATCH, ETAG])
    @action(detail=True, methods=["post"])
    def add_comment(self, request: Request, pk: str) -> Response:
        """Say something on the ticket. Creator, assignees and watchers are told, and whoever is mentioned."""
        said = self.done(pk, tickets.add_comment, TicketCommentSerializer)
        return Response(CommentSerializer(said).data, status.HTTP_201_CREATED, headers=etag(said.ticket.version))

    @extend_schema(request=NoInputSerializer, responses=TicketSerializer, parameters=[ETAG])
    @action(detail=True, methods=["post"])
    def watch(self, request: Request, pk: str) -> Response:
        """Hear of comments from now on. Watching twice is watching."""
        return self.follow(pk, tickets.watch)

    @extend_schema(request=NoInputSerializer, responses=TicketSerializer, parameters=[ETAG])
    @action(detail=True, methods=["post"])
    def unwatch(self, request: Request, pk: str) -> Response:
        """Watch no more. A developer who is not assigned sees the ticket no more either."""
        return self.follow(pk, tickets.unwatch)

    @extend_schema(request=NoInputSerializer, responses=TicketSerializer, parameters=[ETAG])
    @action(detail=True, methods=["post"])
    def mute(self, request: Request, pk: str) -> Response:
        """Hear only when assigned or mentioned."""
        return self.follow(pk, tickets.mute)

    @extend_schema(request=NoInputSerializer, responses=TicketSerializer, parameters=[ETAG])
    @action(detail=True, methods=["post"])
    def unmute(self, request: Request, pk: str) -> Response:
        """Hear again what one hears of other tickets."""
        return self.follow(pk, tickets.unmute)

    def act(self, pk: str, verb: Verb, serializer_class: Input) -> Response:
        self.done(pk, verb, serializer_class)
        return self.shown(int(pk))

    def done(self, pk: str, verb: Verb, serializer_class: Input) -> Any:
        """404, 403, 400, then the verb, which judges version (412) and status (409) under the ticket's lock."""
        ticket = self.found(pk)
        require_may(self.action, ticket.status, self.part(ticket))
        fields = checked(serializer_class(data=self.request.data))
        return verb(actor=self.user, ticket_id=ticket.pk, if_version=expected_versions(self.request), **fields)

    def follow(self, pk: str, verb: Verb) -> Response:
        """What somebody wants to hear is no change of the ticket: no version, no `If-Match`."""
        ticket = self.found(pk)
        checked(NoInputSerializer(data=self.request.data))
        verb(actor=self.user, ticket_id=ticket.pk)
        return self.shown(ticket.pk)
