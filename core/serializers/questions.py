"""Questions and answers as clients see them, and what is written in them."""

from typing import Any

from rest_framework import serializers

from core.actions.clocks import iso
from core.domain.questions import ANSWER_ACTIONS, QUESTION_ACTIONS, answer_actions, question_actions
from core.models import Answer, Question, Ticket
from core.serializers.people import PersonSerializer, person_shown
from core.serializers.strict import MAX_ID, StrictSerializer, TextField
from core.serializers.tickets import TagField

MY_VOTE = "1, -1, or 0 when you have none."
REQUIRED = "This field is required unless a ticket is given."


class SourceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.CharField()


class QuestionSerializer(serializers.ModelSerializer[Question]):
    """A question, and what it is to you. `score`: votes for it less those against it."""

    # Needs shown_to() and the request in its context. The fields are for the schema.
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)
    author = PersonSerializer(read_only=True)
    my_vote = serializers.IntegerField(read_only=True, help_text=MY_VOTE)
    accepted_answer_id = serializers.IntegerField(read_only=True, allow_null=True)
    ticket = SourceSerializer(
        read_only=True, allow_null=True, help_text="What it was made from, if you may see that ticket."
    )
    url = serializers.CharField(read_only=True)
    allowed_actions = serializers.ListField(child=serializers.ChoiceField(QUESTION_ACTIONS), read_only=True)

    class Meta:
        model = Question
        fields = [
            "id",
            "title",
            "body",
            "tags",
            "author",
            "score",
            "my_vote",
            "answers_count",
            "accepted_answer_id",
            "ticket",
            "created_at",
            "updated_at",
            "url",
            "allowed_actions",
        ]
        read_only_fields = fields

    def to_representation(self, question: Question) -> dict[str, Any]:
        """Plainly, as tickets are."""
        user, author_id = self.context["request"].user, question.author_id
        source = Ticket(pk=question.ticket_id) if question.shows_ticket else None
        return {
            "id": question.pk,
            "title": question.title,
            "body": question.body,
            "tags": [tag.name for tag in question.tags.all()],
            "author": person_shown(question.author),
            "score": question.score,
            "my_vote": question.my_vote,
            "answers_count": question.answers_count,
            "accepted_answer_id": question.accepted_answer_id,
            "ticket": {"id": source.pk, "number": source.number} if source else None,
            "created_at": iso(question.created_at),
            "updated_at": iso(question.updated_at),
            "url": question.url,
            "allowed_actions": question_actions(user, author_id, is_answered_by_others=question.is_answered_by_others),
        }


class AnswerSerializer(serializers.ModelSerializer[Answer]):
    """An answer, and what it is to you. `question` is the question's id."""

    # As above.
    question = serializers.IntegerField(read_only=True)
    author = PersonSerializer(read_only=True)
    my_vote = serializers.IntegerField(read_only=True, help_text=MY_VOTE)
    is_accepted = serializers.BooleanField(read_only=True)
    url = serializers.CharField(read_only=True)
    allowed_actions = serializers.ListField(child=serializers.ChoiceField(ANSWER_ACTIONS), read_only=True)

    class Meta:
        model = Answer
        fields = [
            "id",
            "question",
            "body",
            "author",
            "score",
            "my_vote",
            "is_accepted",
            "created_at",
            "updated_at",
            "url",
            "allowed_actions",
        ]
        read_only_fields = fields

    def to_representation(self, answer: Answer) -> dict[str, Any]:
        user = self.context["request"].user
        return {
            "id": answer.pk,
            "question": answer.question_id,
            "body": answer.body,
            "author": person_shown(answer.author),
            "score": answer.score,
            "my_vote": answer.my_vote,
            "is_accepted": answer.is_accepted,
            "created_at": iso(answer.created_at),
            "updated_at": iso(answer.updated_at),
            "url": answer.url,
            "allowed_actions": answer_actions(
                user, answer.author_id, asker_id=answer.asker_id, is_accepted=answer.is_accepted
            ),
        }


class QuestionUpdateSerializer(StrictSerializer):
    """What may be corrected."""

    title = TextField(max_length=200, help_text="One line.")
    body = TextField(max_length=20_000)
    tags = serializers.ListField(
        child=TagField(max_length=40), max_length=20, required=False, help_text="Stored in lower case."
    )

    def validate_title(self, value: str) -> str:
        """One line: it stands in subjects."""
        return " ".join(value.split())


class QuestionCreateSerializer(QuestionUpdateSerializer):
    """`title` and `body` may be left out when a `ticket` is given: they are taken from it then, without e-mail
    addresses, phone numbers, @mentions, and the names of its project and people."""

    title = TextField(max_length=200, required=False, help_text="One line.")
    body = TextField(max_length=20_000, required=False)
    ticket = serializers.IntegerField(
        min_value=1, max_value=MAX_ID, required=False, help_text="A closed ticket that you see."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        missing = [] if "ticket" in attrs else [name for name in ("title", "body") if name not in attrs]
        if missing:
            raise serializers.ValidationError({name: [REQUIRED] for name in missing})
        return attrs


class AnswerInputSerializer(StrictSerializer):
    body = TextField(max_length=20_000)


class VoteSerializer(StrictSerializer):
    value = serializers.ChoiceField([1, -1, 0], help_text="For it, against it, or no more of either.")
