"""Conversations and messages as their members see them, and what is written to them."""

from typing import Any

from rest_framework import serializers

from core.actions.clocks import iso
from core.actions.messages import shown
from core.actions.step import facts_of
from core.domain.texts import MAX_MESSAGE
from core.models import Conversation, ConversationMessage
from core.serializers.notifications import TicketSnapshotSerializer
from core.serializers.people import PersonSerializer, person_shown
from core.serializers.strict import MAX_ID, StrictSerializer, TextField

ONE_OF_THEM = "Give members or ticket, and not both."


class OpenConversationSerializer(StrictSerializer):
    """Either `members`, for a direct conversation, or `ticket`, for the room of one."""

    members = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID),
        min_length=1,
        max_length=1,
        required=False,
        help_text="The other person's id.",
    )
    ticket = serializers.IntegerField(min_value=1, max_value=MAX_ID, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError({name: [ONE_OF_THEM] for name in ("members", "ticket")})
        return attrs


class ConversationMessageInputSerializer(StrictSerializer):
    """What is said."""

    body = TextField(max_length=MAX_MESSAGE)


class ReadUpToSerializer(StrictSerializer):
    """Nothing: everything."""

    up_to = serializers.IntegerField(
        min_value=1, max_value=MAX_ID, required=False, help_text="The last message that is read."
    )


class ReadSerializer(serializers.Serializer[Any]):
    """How far it is read now, and what is left unread: here, of all messages, of the inbox."""

    read_up_to = serializers.IntegerField(min_value=0)
    unread = serializers.IntegerField(min_value=0)
    unread_message_count = serializers.IntegerField(min_value=0)
    unread_count = serializers.IntegerField(min_value=0)


class ConversationMessageSerializer(serializers.ModelSerializer[ConversationMessage]):
    """A deleted one has no text any more."""

    # The fields are for the schema: it is shown as open clients are told of it.
    author = PersonSerializer(read_only=True)

    class Meta:
        model = ConversationMessage
        fields = ["id", "author", "body", "created_at", "edited_at", "deleted_at"]
        read_only_fields = fields

    def to_representation(self, message: ConversationMessage) -> dict[str, Any]:
        return shown(message)


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    """Either with a `person` or of a `ticket`, as it is now. `unread`: messages of others since you read it."""

    # Needs with_what_is_shown(), with_last_messages() and the request in its context. The fields are for the schema.
    url = serializers.CharField(read_only=True)
    person = PersonSerializer(read_only=True, allow_null=True)
    ticket = TicketSnapshotSerializer(read_only=True, allow_null=True)
    last_message = ConversationMessageSerializer(read_only=True, allow_null=True)
    unread = serializers.IntegerField(min_value=0, read_only=True)

    class Meta:
        model = Conversation
        fields = ["id", "url", "person", "ticket", "last_message", "unread", "created_at", "last_message_at"]
        read_only_fields = fields

    def to_representation(self, conversation: Conversation) -> dict[str, Any]:
        other, ticket = conversation.other(self.context["request"].user), conversation.ticket
        return {
            "id": conversation.pk,
            "url": conversation.url,
            "person": person_shown(other) if other else None,
            "ticket": facts_of(ticket).as_dict() if ticket else None,
            "last_message": shown(conversation.last_message) if conversation.last_message else None,
            "unread": conversation.unread,
            "created_at": iso(conversation.created_at),
            "last_message_at": iso(conversation.last_message_at),
        }


class MemberSerializer(serializers.Serializer[Any]):
    """`read_up_to`: the id of the last message that this member has read; 0: none."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField()
    read_up_to = serializers.IntegerField(min_value=0)


class ConversationDetailSerializer(ConversationSerializer):
    """With its active members, by username."""

    members = MemberSerializer(many=True, read_only=True)

    class Meta(ConversationSerializer.Meta):
        fields = [*ConversationSerializer.Meta.fields, "members"]
        read_only_fields = fields

    def to_representation(self, conversation: Conversation) -> dict[str, Any]:
        markers = dict(conversation.read_markers.values_list("user", "read_up_to"))
        people = sorted(self.context["members"].values(), key=lambda person: person.username)
        shown_people = [person.as_dict() | {"read_up_to": markers.get(person.id, 0)} for person in people]
        return super().to_representation(conversation) | {"members": shown_people}
