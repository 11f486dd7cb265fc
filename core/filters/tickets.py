"""What a list of tickets may be narrowed and ordered by."""

from typing import Any

import django_filters as filters
from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.db.models.expressions import OrderBy
from django.utils import timezone

from core.actions.tags import as_tag
from core.authentication import session_of
from core.domain.sla import CHOICES, CLOCKS, RESOLUTION, RESPONSE, Clock
from core.filters.fields import IdFilter, MomentFilter, StrictFilterSet
from core.filters.sla import in_states
from core.models import Category, Priority, Status, Ticket, User
from core.search import search


def rank(field: str, values: list[str]) -> Case:
    """Orders by place in the list of values, not by letter."""
    places = (When(**{field: value}, then=Value(place)) for place, value in enumerate(values))
    return Case(*places, output_field=IntegerField())


class TicketOrdering(filters.OrderingFilter):
    """Orders priorities by weight and statuses by life cycle; no due date comes last either way; then by newest."""

    def filter(self, qs: QuerySet[Ticket], value: Any) -> QuerySet[Ticket]:
        if not value:
            return qs
        ranked = qs.annotate(priority_rank=rank("priority", Priority.values), status_rank=rank("status", Status.values))
        return ranked.order_by(*(self.term(name) for name in value), "-id")

    def term(self, name: str) -> str | OrderBy:
        found: str = self.get_ordering_value(name)
        due = F("resolution_due_at")
        terms = {"resolution_due_at": due.asc(nulls_last=True), "-resolution_due_at": due.desc(nulls_last=True)}
        return terms.get(found, found)


class SlaFilter(filters.MultipleChoiceFilter):
    """By the worst of these clocks."""

    def __init__(self, *clocks: Clock) -> None:
        super().__init__(choices=[(state, state) for state in CHOICES])
        self.clocks = clocks

    def filter(self, qs: QuerySet[Ticket], value: list[str]) -> QuerySet[Ticket]:
        return in_states(qs, value, self.clocks, timezone.now()) if value else qs


class TicketFilterSet(StrictFilterSet):
    status = filters.MultipleChoiceFilter(choices=Status.choices, distinct=False)
    priority = filters.MultipleChoiceFilter(choices=Priority.choices, distinct=False)
    category = filters.MultipleChoiceFilter(choices=Category.choices, distinct=False)
    assigned_to = IdFilter(field_name="assignments__user")
    created_by = IdFilter()
    tag = filters.CharFilter(method="by_tag")
    project_name = filters.CharFilter(lookup_expr="iexact")
    created_after = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_before = MomentFilter(field_name="created_at", lookup_expr="lt")
    due_before = MomentFilter(field_name="resolution_due_at", lookup_expr="lt")
    sla = SlaFilter(*CLOCKS.values())
    sla_response = SlaFilter(RESPONSE)
    sla_resolution = SlaFilter(RESOLUTION)
    search = filters.CharFilter(method="by_search", max_length=200)
    ordering = TicketOrdering(
        fields={
            "id": "id",
            "created_at": "created_at",
            "updated_at": "updated_at",
            "resolution_due_at": "resolution_due_at",
            "priority_rank": "priority",
            "status_rank": "status",
            "title": "title",
        }
    )

    class Meta:
        model = Ticket
        fields: list[str] = []

    def asks(self) -> User:
        return session_of(self.request).user

    def by_search(self, queryset: QuerySet[Ticket], _name: str, value: str) -> QuerySet[Ticket]:
        return search(queryset, value, self.asks())

    def by_tag(self, queryset: QuerySet[Ticket], _name: str, value: str) -> QuerySet[Ticket]:
        return queryset.filter(tags__name=as_tag(value))
