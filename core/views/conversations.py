"""/api/conversations/: what people say to each other. Whoever is no member of one gets 404."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from core.actions import conversations, members, messages
from core.authentication import session_of
from core.domain.errors import NotVisible
from core.models import Conversation, ConversationMessage, User, with_last_messages
from core.openapi import ErrorSerializer
from core.pagination import PAGE_PARAMETERS, NumberedPages
from core.serializers.conversations import (
    ConversationDetailSerializer,
    ConversationMessageInputSerializer,
    ConversationMessageSerializer,
    ConversationSerializer,
    OpenConversationSerializer,
    ReadSerializer,
    ReadUpToSerializer,
)
from core.serializers.strict import checked
from core.views.parameters import take_only


class ConversationView(GenericAPIView[Any]):
    queryset = Conversation.objects.all()
    filter_backends = []

    @property
    def user(self) -> User:
        return session_of(self.request).user

    def page(self, rows: Any) -> Any:
        """The rows of the page that is asked for."""
        take_only(self.request, PAGE_PARAMETERS)
        return self.paginate_queryset(rows) or []

    def shown(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        """The conversation as it is now; 404 to those who are no members."""
        mine = Conversation.objects.visible_to(self.user).with_what_is_shown(self.user)
        found = with_last_messages(list(mine.filter(pk=pk)))
        if not found:
            raise NotVisible
        context = {**self.get_serializer_context(), "members": members.of_each([pk])[pk]}
        return Response(ConversationDetailSerializer(found[0], context=context).data, status=code)


class Conversations(ConversationView):
    serializer_class = ConversationSerializer
    pagination_class = NumberedPages

    @extend_schema(responses=ConversationSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Your conversations, newest activity first."""
        rows = Conversation.objects.visible_to(self.user).with_what_is_shown(self.user)
        found = with_last_messages(self.page(rows))
        return self.get_paginated_response(self.get_serializer(found, many=True).data)

    @extend_schema(
        request=OpenConversationSerializer,
        responses={200: ConversationDetailSerializer, 201: ConversationDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Open the conversation with one other active person, or the room of a ticket that you see.

        It is always the same one: 201 when it is new, 200 when it has been there."""
        given = checked(OpenConversationSerializer(data=request.data))
        if "ticket" in given:
            found, is_new = conversations.open_room(actor=self.user, ticket_id=given["ticket"])
        else:
            found, is_new = conversations.open_direct(actor=self.user, member_id=given["members"][0])
        return self.shown(found.pk, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


class ConversationDetail(ConversationView):
    serializer_class = ConversationDetailSerializer

    @extend_schema(responses=ConversationDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One conversation, with its members and how far each has read."""
        return self.shown(pk)


class ConversationRead(ConversationView):
    @extend_schema(request=ReadUpToSerializer, responses=ReadSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Mark everything as read, or up to a message; in the inbox as well. What had been read stays so."""
        conversations.visible(pk, self.user)
        given = checked(ReadUpToSerializer(data=request.data))
        read = conversations.mark_read(actor=self.user, conversation_id=pk, **given)
        return Response(read._asdict())


class Messages(ConversationView):
    serializer_class = ConversationMessageSerializer

    @extend_schema(responses=ConversationMessageSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """What was said, newest first. A deleted message keeps its place, without its text."""
        said = conversations.visible(pk, self.user).messages.select_related("author").order_by("-id")
        return self.get_paginated_response(self.get_serializer(self.page(said), many=True).data)

    @extend_schema(request=ConversationMessageInputSerializer, responses={201: ConversationMessageSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Say something. The other members are told."""
        conversations.visible(pk, self.user)
        given = checked(ConversationMessageInputSerializer(data=request.data))
        said = messages.post(actor=self.user, conversation_id=pk, **given)
        return Response(self.get_serializer(said).data, status=status.HTTP_201_CREATED)


class MessageDetail(ConversationView):
    serializer_class = ConversationMessageSerializer

    @extend_schema(
        request=ConversationMessageInputSerializer, responses={200: ConversationMessageSerializer, 409: ErrorSerializer}
    )
    def patch(self, request: Request, pk: int, message: int) -> Response:
        """Say it otherwise: its author, within 15 minutes. Nobody is told but open clients."""
        self.own(pk, message)
        given = checked(ConversationMessageInputSerializer(data=request.data))
        said = messages.edit(actor=self.user, conversation_id=pk, message_id=message, **given)
        return Response(self.get_serializer(said).data)

    @extend_schema(responses={204: None, 409: ErrorSerializer})
    def delete(self, request: Request, pk: int, message: int) -> Response:
        """Take it back: its author, within 15 minutes. Its place stays, its text is gone wherever it was told."""
        self.own(pk, message)
        messages.delete(actor=self.user, conversation_id=pk, message_id=message)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def own(self, pk: int, message: int) -> ConversationMessage:
        """404, then 403; the verb looks again, under the conversation's lock."""
        return messages.own(conversations.visible(pk, self.user), message, self.user)
