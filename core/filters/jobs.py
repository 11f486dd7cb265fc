"""What lists of tasks, and of the rows of one, may be narrowed by."""

import django_filters as filters

from core.filters.fields import StrictFilterSet, TruthFilter
from core.models import JobRow, JobRun


class TaskFilterSet(StrictFilterSet):
    status = filters.MultipleChoiceFilter(choices=JobRun.Status.choices, distinct=False)
    name = filters.CharFilter(max_length=32)

    class Meta:
        model = JobRun
        fields: list[str] = []


class TaskRowFilterSet(StrictFilterSet):
    is_done = TruthFilter()

    class Meta:
        model = JobRow
        fields: list[str] = []
