"""/api/tasks/: long work that somebody has asked for. Another's is not there."""

from functools import cached_property
from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from core.action_serializers import NoInputSerializer
from core.actions import jobs
from core.authentication import session_of
from core.files.kinds import KINDS
from core.filters import TaskFilterSet, TaskRowFilterSet
from core.models import JobRow, JobRun, User
from core.openapi import ErrorSerializer
from core.pagination import NumberedPages
from core.serializers.jobs import TaskRowSerializer, TaskSerializer
from core.serializers.strict import checked
from core.views.downloads import download

RESULT_TYPES = [KINDS[name].content_type for name in ("csv", "xlsx")]


def own(user: User, pk: int | str) -> JobRun:
    job = JobRun.objects.filter(owner=user, pk=pk).first()
    if job is None:
        raise Http404
    return job


class TaskViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[JobRun]):
    """Long work that you have asked for, newest first."""

    # `list` and `retrieve` are as DRF has them.

    queryset = JobRun.objects.all()
    serializer_class = TaskSerializer
    filterset_class = TaskFilterSet
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> Any:
        return JobRun.objects.filter(owner=self.user)

    @cached_property
    def user(self) -> User:
        return session_of(self.request).user

    @extend_schema(request=NoInputSerializer, responses={200: TaskSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Ask for no more of it: one that waits ends at once, one that runs within seconds. What is done stays done."""
        own(self.user, pk)  # 404 comes before 400
        checked(NoInputSerializer(data=request.data))
        return Response(TaskSerializer(jobs.cancel(owner=self.user, job_id=int(pk))).data)

    @extend_schema(responses={(200, *RESULT_TYPES): OpenApiTypes.BINARY, 410: ErrorSerializer})
    @action(detail=True)
    def result(self, request: Request, pk: str) -> Any:
        """The file that came of it, for 7 days."""
        job = own(self.user, pk)
        jobs.require_result(job)
        return download(job.result, name=job.result_name, content_type=job.result_type)


class TaskRows(GenericAPIView[JobRow]):
    queryset = JobRow.objects.all()
    serializer_class = TaskRowSerializer
    filterset_class = TaskRowFilterSet
    pagination_class = NumberedPages

    @extend_schema(responses=TaskRowSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """What became of each row, in their order, for 7 days."""
        rows = self.filter_queryset(JobRow.objects.filter(job=own(session_of(request).user, pk)))
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(rows), many=True).data)
