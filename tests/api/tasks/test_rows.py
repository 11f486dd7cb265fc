"""GET /api/tasks/{id}/rows/"""

import pytest

from core.models import JobRow, JobRun, User
from tests.api.tasks.tasks import assert_is_its_owners, assert_only, ended, refused, url
from tests.openapi import ApiClient
from tests.tickets import Api, queries

WHY = {"code": "invalid_transition", "status": "CLOSED"}


@pytest.fixture
def job(ada: User) -> JobRun:
    """Three rows, of which the second could not be done."""
    job = ended(ada)
    for position, key in enumerate((30, 20, 10)):
        detail = WHY if position == 1 else {}
        JobRow.objects.create(job=job, position=position, key=key, is_done=not detail, detail=detail)
    return job


def test_it_says_what_became_of_each_in_their_order(api: Api, ada: User, job: JobRun) -> None:
    page = api(ada).get(url(job, "rows")).json()
    assert page["count"] == 3
    assert page["results"] == [
        {"position": 0, "key": 30, "is_done": True, "detail": {}},
        {"position": 1, "key": 20, "is_done": False, "detail": WHY},
        {"position": 2, "key": 10, "is_done": True, "detail": {}},
    ]


@pytest.mark.parametrize(
    ("query", "keys"), [("is_done=false", [20]), ("is_done=true", [30, 10]), ("page=2&page_size=2", [10])]
)
def test_it_is_narrowed_and_has_pages(api: Api, ada: User, job: JobRun, query: str, keys: list[int]) -> None:
    page = api(ada).get(f"{url(job, 'rows')}?{query}").json()
    assert [row["key"] for row in page["results"]] == keys


@pytest.mark.parametrize(("query", "field"), [("is_done=x", "is_done"), ("key=1", "key"), ("cursor=", "cursor")])
def test_bad_parameters_are_named(api: Api, ada: User, job: JobRun, query: str, field: str) -> None:
    assert set(refused(400, api(ada).get(f"{url(job, 'rows')}?{query}"))) == {field}


def test_it_takes_four_queries(api: Api, ada: User, job: JobRun) -> None:
    client = api(ada)
    assert queries(lambda: client.get(url(job, "rows"))) == 4  # the session, the task, the count and the rows


def test_it_is_its_owners(api: Api, ada: User, cleo: User, anonymous: ApiClient, job: JobRun) -> None:
    assert_is_its_owners("get", "rows", job, anonymous, [api(cleo)])
    assert_only("get", url(job, "rows"), api(ada))
