"""What an inbox may be narrowed by."""

from collections.abc import Callable, Iterable

import django_filters as filters
from django.db.models import Q, QuerySet

from core.filters.fields import IdFilter, StrictFilterSet, TruthFilter
from core.models import NotificationLog
from core.models.notification import SYSTEM, about
from core.notifications import registry

NO_TYPE = "Give the type of the resource, too."


def choices_of(keys: Callable[[], Iterable[str]]) -> Callable[[], list[tuple[str, str]]]:
    """The choices that are registered when they are asked for."""
    return lambda: [(key, key) for key in keys()]


class NotificationFilterSet(StrictFilterSet):
    """Archived rows are left out unless asked for, and other channels' rows too."""

    is_read = TruthFilter(method="by_read")
    ticket = IdFilter()
    event = filters.ChoiceFilter(choices=choices_of(registry.events))
    resource_type = filters.ChoiceFilter(choices=choices_of(registry.resource_types))
    resource_id = IdFilter(min_value=0, method="by_resource", label="Together with resource_type.")
    actor = IdFilter(field_name="actor__id", label="Who did it.")
    archived = TruthFilter(field_name="is_archived")
    notification_type = filters.ChoiceFilter(
        choices=choices_of(lambda: [*registry.channels(), "ALL"]), method="by_type"
    )

    class Meta:
        model = NotificationLog
        fields: list[str] = []

    def is_valid(self) -> bool:
        valid = super().is_valid()
        of_what = self.data.get("resource_type") or not self.data.get("resource_id")
        if not of_what:
            self.form.add_error("resource_type", NO_TYPE)
        return bool(valid and of_what)

    def filter_queryset(self, queryset: QuerySet[NotificationLog]) -> QuerySet[NotificationLog]:
        chosen = self.form.cleaned_data
        chosen["archived"] = bool(chosen["archived"])
        chosen["notification_type"] = chosen["notification_type"] or SYSTEM
        found: QuerySet[NotificationLog] = super().filter_queryset(queryset)
        return found

    def by_resource(self, queryset: QuerySet[NotificationLog], _name: str, value: int) -> QuerySet[NotificationLog]:
        return queryset.filter(about(self.form.cleaned_data["resource_type"], value))

    def by_read(self, queryset: QuerySet[NotificationLog], _name: str, value: bool) -> QuerySet[NotificationLog]:
        """Unread is what no read-all covers either, written into the rows or not."""
        feed = self.request.parser_context["view"].feed
        unread = Q(is_read=False, unread_seq__gt=feed.read_up_to)
        return queryset.exclude(unread) if value else queryset.filter(unread)

    def by_type(self, queryset: QuerySet[NotificationLog], _name: str, value: str) -> QuerySet[NotificationLog]:
        return queryset if value == "ALL" else queryset.filter(notification_type=value)
