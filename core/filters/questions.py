"""What lists of questions and of answers may be narrowed and ordered by."""

import django_filters as filters
from django.db.models import QuerySet

from core.actions.tags import as_tag
from core.authentication import session_of
from core.filters.fields import IdFilter, StrictFilterSet, TruthFilter
from core.models import Answer, Question, Ticket
from core.search import search_questions


class ThenNewest(filters.OrderingFilter):
    """What is alike by this order comes by newest."""

    def filter(self, qs: QuerySet[Question], value: list[str] | None) -> QuerySet[Question]:
        return qs.order_by(*value, "-id") if value else qs


class QuestionFilterSet(StrictFilterSet):
    tag = filters.CharFilter(method="by_tag")
    author = IdFilter()
    answered = TruthFilter(method="by_answered")
    accepted = TruthFilter(field_name="accepted_answer", lookup_expr="isnull", exclude=True)
    ticket = IdFilter(method="by_ticket")
    search = filters.CharFilter(method="by_search", max_length=200)
    ordering = ThenNewest(fields=["id", "created_at", "updated_at", "score", "answers_count"])

    class Meta:
        model = Question
        fields: list[str] = []

    def by_tag(self, queryset: QuerySet[Question], _name: str, value: str) -> QuerySet[Question]:
        return queryset.filter(tags__name=as_tag(value))

    def by_answered(self, queryset: QuerySet[Question], _name: str, value: bool) -> QuerySet[Question]:
        return queryset.filter(answers_count__gt=0) if value else queryset.filter(answers_count=0)

    def by_ticket(self, queryset: QuerySet[Question], _name: str, value: int) -> QuerySet[Question]:
        """Only of a ticket that one sees: that others were made into questions is not for everybody."""
        user = session_of(self.request).user
        return queryset.filter(ticket__in=Ticket.objects.visible_to(user).filter(pk=value).order_by().values("pk"))

    def by_search(self, queryset: QuerySet[Question], _name: str, value: str) -> QuerySet[Question]:
        return search_questions(queryset, value)


class AnswerFilterSet(StrictFilterSet):
    author = IdFilter()
    ordering = ThenNewest(fields=["id", "created_at", "updated_at", "score"])

    class Meta:
        model = Answer
        fields: list[str] = []
