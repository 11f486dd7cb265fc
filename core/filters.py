"""List filters. A parameter we do not know is refused: a filter that is silently ignored shows too much."""

from datetime import UTC, datetime
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import OrderBy

from core.actions.tags import as_tag
from core.models import Category, NotificationLog, Priority, Status, Ticket
from core.models.notification import SYSTEM
from core.notifications import registry
from core.pagination import PAGE_PARAMETERS
from core.serializers.strict import MAX_ID


def rank(field: str, values: list[str]) -> Case:
    """Orders by place in the list of values, not by letter."""
    places = (When(**{field: value}, then=Value(place)) for place, value in enumerate(values))
    return Case(*places, output_field=IntegerField())


class StrictFilterSet(filters.FilterSet):
    def is_valid(self) -> bool:
        valid: bool = super().is_valid()
        unknown = set(self.data) - set(self.filters) - PAGE_PARAMETERS
        for name in sorted(unknown):
            self.form.errors[name] = self.form.error_class([ValidationError("Unknown parameter.")])
        return valid and not unknown


class IdFilter(filters.NumberFilter):
    """Whole numbers that the database can hold."""

    field_class = forms.IntegerField

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **options)


class TruthField(forms.Field):
    """Refuses what it does not understand; Django's own takes that as if nothing had been given."""

    words = {"": None, "true": True, "1": True, "false": False, "0": False}

    def to_python(self, value: Any) -> bool | None:
        word = str(value or "").lower()
        if word not in self.words:
            raise ValidationError("Enter true or false.")
        return self.words[word]


class TruthFilter(filters.BooleanFilter):
    field_class = TruthField

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput, **options)


class MomentField(filters.fields.IsoDateTimeField):
    """Refuses times that do not exist in UTC, such as in the year 0."""

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class MomentFilter(filters.IsoDateTimeFilter):
    field_class = MomentField


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


class TicketFilterSet(StrictFilterSet):
    status = filters.MultipleChoiceFilter(choices=Status.choices)
    priority = filters.MultipleChoiceFilter(choices=Priority.choices)
    category = filters.MultipleChoiceFilter(choices=Category.choices)
    assigned_to = IdFilter(field_name="assignments__user")
    created_by = IdFilter()
    tag = filters.CharFilter(method="by_tag")
    project_name = filters.CharFilter(lookup_expr="iexact")
    created_after = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_before = MomentFilter(field_name="created_at", lookup_expr="lt")
    due_before = MomentFilter(field_name="resolution_due_at", lookup_expr="lt")
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

    def by_tag(self, queryset: QuerySet[Ticket], _name: str, value: str) -> QuerySet[Ticket]:
        return queryset.filter(tags__name=as_tag(value))


def type_choices() -> list[tuple[str, str]]:
    return [(key, key) for key in [*registry.channels(), "ALL"]]


class NotificationFilterSet(StrictFilterSet):
    """Archived rows are left out unless asked for, and other channels' rows too."""

    is_read = TruthFilter(method="by_read")
    ticket = IdFilter()
    event = filters.ChoiceFilter(choices=lambda: [(key, key) for key in registry.events()])
    archived = TruthFilter(field_name="is_archived")
    notification_type = filters.ChoiceFilter(choices=type_choices, method="by_type")

    class Meta:
        model = NotificationLog
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[NotificationLog]) -> QuerySet[NotificationLog]:
        chosen = self.form.cleaned_data
        chosen["archived"] = bool(chosen["archived"])
        chosen["notification_type"] = chosen["notification_type"] or SYSTEM
        found: QuerySet[NotificationLog] = super().filter_queryset(queryset)
        return found

    def by_read(self, queryset: QuerySet[NotificationLog], _name: str, value: bool) -> QuerySet[NotificationLog]:
        """Unread is what no read-all covers either, written into the rows or not."""
        feed = self.request.parser_context["view"].feed
        unread = Q(is_read=False, unread_seq__gt=feed.read_up_to)
        return queryset.exclude(unread) if value else queryset.filter(unread)

    def by_type(self, queryset: QuerySet[NotificationLog], _name: str, value: str) -> QuerySet[NotificationLog]:
        return queryset if value == "ALL" else queryset.filter(notification_type=value)
