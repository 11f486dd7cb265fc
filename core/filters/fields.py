"""List filters. A parameter we do not know is refused: a filter that is silently ignored shows too much."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive

from core.pagination import PAGE_PARAMETERS
from core.serializers.strict import MAX_ID, NO_OFFSET


class StrictFilterSet(filters.FilterSet):
    beside: ClassVar = frozenset(PAGE_PARAMETERS)  # parameters that are taken elsewhere

    def is_valid(self) -> bool:
        valid: bool = super().is_valid()
        unknown = set(self.data) - set(self.filters) - self.beside
        for name in sorted(unknown):
            self.form.errors[name] = self.form.error_class([ValidationError("Unknown parameter.")])
        return valid and not unknown


class IdFilter(filters.NumberFilter):
    """Whole numbers that the database can hold."""

    field_class = forms.IntegerField

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": MAX_ID} | options)


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
    """Refuses times without an offset, and those that do not exist in UTC, such as in the year 0."""

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        given = moment and parse_datetime(value.strip())
        if given and is_naive(given):
            raise ValidationError(NO_OFFSET)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class MomentFilter(filters.IsoDateTimeFilter):
    field_class = MomentField
