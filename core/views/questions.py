"""/api/questions/: the knowledge base. Thin doors; those of its answers are in answers.py."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.actions import questions, votes
from core.domain.questions import require_may_change, require_may_vote
from core.filters import QuestionFilterSet
from core.models import Question
from core.openapi import ErrorSerializer
from core.serializers.questions import (
    QuestionCreateSerializer,
    QuestionSerializer,
    QuestionUpdateSerializer,
    VoteSerializer,
)
from core.serializers.strict import checked
from core.views.question_door import PostDoor


class QuestionViewSet(mixins.ListModelMixin, PostDoor):
    """All questions, the newest first unless you ask otherwise."""

    # `list` is as DRF has it.
    queryset = Question.objects.all()
    serializer_class = QuestionSerializer
    filterset_class = QuestionFilterSet

    @extend_schema(request=QuestionCreateSerializer, responses={201: QuestionSerializer})
    def create(self, request: Request) -> Response:
        """Ask a question, or make one of a closed ticket. Nobody is told."""
        data = checked(QuestionCreateSerializer(data=request.data))
        return self.shown(questions.ask(actor=self.user, **data).pk, status.HTTP_201_CREATED)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One question, with what you may do with it now."""
        question = self.found(pk)
        self.take_only(frozenset())
        return self.shown(question.pk)

    @extend_schema(request=QuestionUpdateSerializer, responses=QuestionSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct a question: its author, or an admin. Nobody is told."""
        question = self.found(pk)
        require_may_change(self.user, question.author_id)
        fields = checked(QuestionUpdateSerializer(data=request.data, partial=True))
        questions.update(actor=self.user, question_id=question.pk, **fields)
        return self.shown(question.pk)

    @extend_schema(responses={204: None, 409: ErrorSerializer})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a question with its answers: its author, unless others have answered (409), or an admin."""
        question = self.found(pk)
        require_may_change(self.user, question.author_id)
        questions.delete(actor=self.user, question_id=question.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=VoteSerializer, responses=QuestionSerializer)
    @action(detail=True, methods=["post"])
    def vote(self, request: Request, pk: str) -> Response:
        """Vote for (1) or against (-1) somebody else's question, or take that back (0). Its author is told."""
        question = self.found(pk)
        require_may_vote(self.user, question.author_id)
        votes.vote(Question, actor=self.user, pk=question.pk, **checked(VoteSerializer(data=request.data)))
        return self.shown(question.pk)
