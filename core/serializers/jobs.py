"""Long work, as its owner sees it."""

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.models import JobRow, JobRun


class TaskSerializer(serializers.ModelSerializer[JobRun]):
    """`result_url` wants the access token, too; null where there is no file, or no longer.

    `expires_at`: when the file, and what became of each row, are deleted.
    """

    status = serializers.ChoiceField(JobRun.Status.choices, read_only=True)
    result_url = serializers.SerializerMethodField()

    class Meta:
        model = JobRun
        fields = ["id", "name", "status", "progress", "message", "result_url"]
        fields += ["created_at", "started_at", "finished_at", "expires_at"]
        read_only_fields = fields

    @extend_schema_field({"type": ["string", "null"], "format": "uri-reference"})
    def get_result_url(self, job: JobRun) -> str | None:
        kept = job.status == JobRun.Status.SUCCEEDED and job.expires_at and job.expires_at > timezone.now()
        return reverse("task-result", kwargs={"pk": job.pk}) if job.result and kept else None


class TaskRowSerializer(serializers.ModelSerializer[JobRow]):
    """What became of one row. `key`: what it is about, such as a ticket's id; `detail`: why it failed."""

    detail = serializers.DictField(read_only=True)

    class Meta:
        model = JobRow
        fields = ["position", "key", "is_done", "detail"]
        read_only_fields = fields


class StartedSerializer(serializers.ModelSerializer[JobRun]):
    """Work that has been taken on: `/api/tasks/{task_id}/` says how far it is."""

    task_id = serializers.IntegerField(source="pk", read_only=True)

    class Meta:
        model = JobRun
        fields = ["task_id"]
