"""What statistics may be narrowed by: what the list is narrowed by, and over how many days they count."""

from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from core.filters.tickets import TicketFilterSet
from core.models import Ticket


class DaysFilter(filters.NumberFilter):
    """Narrows nothing."""

    field_class = forms.IntegerField

    def filter(self, qs: QuerySet[Ticket], value: Any) -> QuerySet[Ticket]:
        return qs


class TicketStatsFilterSet(TicketFilterSet):
    DAYS: ClassVar = 30
    beside = frozenset()

    days = DaysFilter(min_value=1, max_value=366)
    ordering = None  # type: ignore[assignment]  # django-filter's way to leave one out
