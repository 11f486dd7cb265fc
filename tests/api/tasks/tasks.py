"""What the tests of /api/tasks/ share."""

from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from core.actions import jobs
from core.models import JobRun, User
from tests.openapi import ApiClient
from tests.tickets import NOBODY_SEES

URL = "/api/tasks/"
Status = JobRun.Status


def waiting(owner: User, name: str = "export") -> JobRun:
    return jobs.start(owner=owner, name=name, params={})


def ended(owner: User, status: JobRun.Status = Status.SUCCEEDED, content: bytes = b"", **fields: Any) -> JobRun:
    """One that a worker has done; with `content` there is a file."""
    now = timezone.now()
    if content:
        fields |= {"result": default_storage.save("jobs/x", ContentFile(content)), "result_name": "tickets.csv"}
        fields["result_type"] = "text/csv"
    fields = {"created_at": now, "started_at": now, "finished_at": now, "expires_at": now + jobs.KEPT} | fields
    return JobRun.objects.create(owner=owner, name="export", status=status, **fields)


def url(job: JobRun | int, what: str = "") -> str:
    key = job if isinstance(job, int) else job.pk
    return f"{URL}{key}/{what}/" if what else f"{URL}{key}/"


def refused(code: int, response: Any) -> Any:
    assert response.status_code == code, response.content
    return response.json()


def assert_is_its_owners(method: str, what: str, job: JobRun, stranger: ApiClient, others: list[ApiClient]) -> None:
    """401 without signing in; to others, admins too, and where there is none: 404. Whatever else is wrong."""
    assert refused(401, getattr(stranger, method)(url(job, what)))["code"] == "not_authenticated"
    for client in others:
        for hidden in (job, NOBODY_SEES):
            answer = refused(404, getattr(client, method)(url(hidden, what)))
            assert answer == {"detail": "Not found.", "code": "not_found"}


def assert_only(method: str, path: str, client: ApiClient) -> None:
    for other in {"get", "post", "put", "patch", "delete"} - {method}:
        assert refused(405, getattr(client, other)(path))["code"] == "method_not_allowed"
