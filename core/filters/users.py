"""What the list of people may be narrowed and ordered by."""

import django_filters as filters
from django.db.models import Q, QuerySet

from core.filters.fields import StrictFilterSet, TruthFilter
from core.models import Role, User

SEARCHED = ("username", "email", "first_name", "last_name")


class UserFilterSet(StrictFilterSet):
    role = filters.MultipleChoiceFilter(choices=Role.choices)
    is_active = TruthFilter()
    search = filters.CharFilter(method="by_words", max_length=100)
    ordering = filters.OrderingFilter(fields=["id", "username", "email", "last_name", "date_joined"])

    class Meta:
        model = User
        fields: list[str] = []

    def by_words(self, queryset: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        """Each word stands somewhere in a person's names or address."""
        for word in value.split():
            queryset = queryset.filter(Q(*((f"{name}__icontains", word) for name in SEARCHED), _connector=Q.OR))
        return queryset
