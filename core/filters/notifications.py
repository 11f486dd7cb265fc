"""What an inbox may be narrowed by."""

import django_filters as filters
from django.db.models import Q, QuerySet

from core.filters.fields import IdFilter, StrictFilterSet, TruthFilter
from core.models import NotificationLog
from core.models.notification import SYSTEM
from core.notifications import registry


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
