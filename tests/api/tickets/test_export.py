"""POST /api/tickets/export/; tests/jobs/test_export.py looks into the files."""

from typing import Any
from urllib.parse import urlencode

import pytest

from core.actions.jobs import MOST_UNFINISHED
from core.models import JobRun, Ticket, User
from tests.openapi import ApiClient
from tests.tickets import NOT_ACCEPTED, REQUIRED, URL, Api, queries, refused, unchecked

EXPORT = f"{URL}export/"


def refusal(client: ApiClient, body: Any) -> Any:
    answer = refused(400, client.post, EXPORT, body, format="json")
    assert not JobRun.objects.exists()
    return answer


@pytest.mark.parametrize("who", ["ada", "dan", "cleo"])
def test_everybody_may_and_gets_a_task(api: Api, new_ticket: Ticket, who: str) -> None:
    user = User.objects.get(username=who)
    response = api(user).post(EXPORT, {"format": "csv", "filters": {"status": ["NEW", "OPEN"], "assigned_to": 4}})
    assert response.status_code == 202
    job = JobRun.objects.get()
    assert response.json() == {"task_id": job.pk}
    assert (job.owner, job.name, job.status) == (user, "export", "PENDING")
    assert job.params == {"format": "csv", "filters": {"status": ["NEW", "OPEN"], "assigned_to": ["4"]}}


def test_nobody_asks_without_signing_in(anonymous: ApiClient, db: None) -> None:
    assert refused(401, anonymous.post, EXPORT, {"nonsense": 1})["code"] == "not_authenticated"


def test_the_format_is_one_of_two(api: Api, cleo: User) -> None:
    client = api(cleo)
    assert refusal(client, {}) == {"format": REQUIRED}
    formats: list[Any] = ["pdf", "", "CSV", None, 1, ["csv"], {}]
    for wrong in formats:
        assert set(refusal(client, {"format": wrong})) == {"format"}
    assert refusal(client, {"format": "csv", "columns": ["title"]}) == {"columns": NOT_ACCEPTED}
    assert set(refusal(client, ["csv"])) == {"non_field_errors"}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *(("assigned_to", wrong) for wrong in ("x", "0", "1.5")),
        *((name, wrong) for name in ("created_after", "due_before") for wrong in ("x", "2026-01-01T00:00:00")),
        *((name, "x") for name in ("status", "priority", "category", "sla", "sla_response")),
        ("status", ""),
        *((name, "title") for name in ("page", "page_size", "cursor", "ordering", "statuss")),
    ],
)
def test_a_filter_is_refused_as_the_list_refuses_it(api: Api, cleo: User, name: str, wrong: str) -> None:
    client = api(cleo)
    said = refusal(client, {"format": "csv", "filters": {name: wrong}})
    listed = client.get(f"{URL}?{urlencode({name: wrong})}").json()
    unknown = {name: ["Unknown parameter."]}
    assert said == {f"filters.{key}": texts for key, texts in (listed if name in known() else unknown).items()}


def known() -> set[str]:
    """The list's parameters that mean something here."""
    return {"assigned_to", "created_after", "due_before", "status", "priority", "category", "sla", "sla_response"}


def test_what_is_no_value_is_refused(api: Api, cleo: User) -> None:
    client = api(cleo)
    values: list[Any] = [None, True, {}, {"a": 1}, [None], [["NEW"]], "x" * 201, "a\0b", ["NEW"] * 101]
    for wrong in values:
        assert set(refusal(client, {"format": "csv", "filters": {"status": wrong}})) == {"filters"}
    filters: list[Any] = [None, [], "status=NEW", 1]
    for wrong in filters:
        assert set(refusal(client, {"format": "csv", "filters": wrong})) == {"filters"}
    many = {"format": "csv", "filters": {"project_name": ["shop", "web"], "status": ["NEW", "OPEN"]}}
    assert refusal(client, many) == {"filters.project_name": ["Give one value."]}


def test_a_name_that_no_utf8_holds_is_refused(api: Api, cleo: User) -> None:
    body = b'{"format": "csv", "filters": {"\\ud800": "x", "tag": "\\ud800"}}'
    answer = refused(400, unchecked(api(cleo)).post, EXPORT, body, content_type="application/json")
    assert set(answer) == {"filters"}
    body = b'{"format": "csv", "filters": {"\\ud800": "x"}}'
    answer = refused(400, unchecked(api(cleo)).post, EXPORT, body, content_type="application/json")
    assert answer == {"filters.?": ["Unknown parameter."]}


def test_nobody_has_more_than_a_few_at_a_time(api: Api, cleo: User) -> None:
    client = api(cleo)
    for _ in range(MOST_UNFINISHED):
        assert client.post(EXPORT, {"format": "xlsx"}).status_code == 202
    assert refused(429, client.post, EXPORT, {"format": "xlsx"})["code"] == "too_many_tasks"


def test_asking_takes_as_many_queries_whatever_there_is(api: Api, cleo: User, new_ticket: Ticket) -> None:
    client = api(cleo)
    assert queries(lambda: client.post(EXPORT, {"format": "csv", "filters": {"search": "page"}})) <= 8


def test_get_is_not_allowed(api: Api, cleo: User) -> None:
    assert refused(405, api(cleo).get, EXPORT)["code"] == "method_not_allowed"
