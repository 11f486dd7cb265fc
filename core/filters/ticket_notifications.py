"""What the notifications of one ticket may be narrowed by."""

import django_filters as filters
from django.db.models import QuerySet

from core.filters.fields import IdFilter, StrictFilterSet
from core.models import DeliveryStatus, NotificationLog
from core.notifications import deliveries


class TicketNotificationFilterSet(StrictFilterSet):
    recipient = IdFilter()
    status = filters.MultipleChoiceFilter(
        choices=DeliveryStatus.choices, method="by_status", label="A delivery's, on any channel."
    )

    class Meta:
        model = NotificationLog
        fields: list[str] = []

    def by_status(self, queryset: QuerySet[NotificationLog], _name: str, value: list[str]) -> QuerySet[NotificationLog]:
        return deliveries.with_status(queryset, value)
