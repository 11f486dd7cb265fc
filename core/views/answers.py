"""/api/questions/{id}/answers/: the answers to a question; /api/answers/{id}/: one answer."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.action_serializers import NoInputSerializer
from core.actions import question_answers, votes
from core.domain.questions import require_may_change, require_may_vote
from core.filters import AnswerFilterSet
from core.models import Answer, Question
from core.openapi import ErrorSerializer
from core.serializers.questions import AnswerInputSerializer, AnswerSerializer, VoteSerializer
from core.serializers.strict import checked
from core.views.question_door import PostDoor


class QuestionAnswers(PostDoor):
    queryset = Answer.objects.all()
    serializer_class = AnswerSerializer
    filterset_class = AnswerFilterSet

    def list(self, request: Request, pk: int) -> Response:
        """The answers to a question, the oldest first unless you ask otherwise."""
        question = self.asked(pk)
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset().filter(question=question)))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    @extend_schema(request=AnswerInputSerializer, responses={201: AnswerSerializer})
    def create(self, request: Request, pk: int) -> Response:
        """Answer a question. Whoever asked is told."""
        question = self.asked(pk)
        data = checked(AnswerInputSerializer(data=request.data))
        said = question_answers.answer(actor=self.user, question_id=question.pk, **data)
        return self.shown(said.pk, status.HTTP_201_CREATED)

    def asked(self, pk: int) -> Question:
        question = Question.objects.filter(pk=pk).first()
        if question is None:
            raise Http404
        return question


class AnswerViewSet(PostDoor):
    queryset = Answer.objects.select_related("question")
    serializer_class = AnswerSerializer

    def retrieve(self, request: Request, pk: str) -> Response:
        """One answer, with what you may do with it now."""
        answer = self.found(pk)
        self.take_only(frozenset())
        return self.shown(answer.pk)

    @extend_schema(request=AnswerInputSerializer, responses=AnswerSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct an answer: its author, or an admin. Nobody is told."""
        answer = self.found(pk)
        require_may_change(self.user, answer.author_id)
        fields = checked(AnswerInputSerializer(data=request.data, partial=True))
        question_answers.update(actor=self.user, answer_id=answer.pk, **fields)
        return self.shown(answer.pk)

    @extend_schema(responses={204: None, 409: ErrorSerializer})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete an answer: its author, unless it is the accepted one (409), or an admin."""
        answer = self.found(pk)
        require_may_change(self.user, answer.author_id)
        question_answers.delete(actor=self.user, answer_id=answer.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=VoteSerializer, responses=AnswerSerializer)
    @action(detail=True, methods=["post"])
    def vote(self, request: Request, pk: str) -> Response:
        """Vote for (1) or against (-1) somebody else's answer, or take that back (0). Its author is told."""
        answer = self.found(pk)
        require_may_vote(self.user, answer.author_id)
        votes.vote(Answer, actor=self.user, pk=answer.pk, **checked(VoteSerializer(data=request.data)))
        return self.shown(answer.pk)

    @extend_schema(request=NoInputSerializer, responses=AnswerSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Say that this answer helped, instead of any other: whoever asked, or an admin. Its author is told, once."""
        answer = self.found(pk)
        require_may_change(self.user, answer.question.author_id)
        self.take_nothing()
        question_answers.accept(actor=self.user, answer_id=answer.pk)
        return self.shown(answer.pk)

    @extend_schema(request=NoInputSerializer, responses=AnswerSerializer)
    @action(detail=True, methods=["post"])
    def unaccept(self, request: Request, pk: str) -> Response:
        """Say that it did not help after all: whoever asked, or an admin. Nobody is told."""
        answer = self.found(pk)
        require_may_change(self.user, answer.question.author_id)
        self.take_nothing()
        question_answers.unaccept(actor=self.user, answer_id=answer.pk)
        return self.shown(answer.pk)
