"""GET /api/tasks/"""

import pytest

from core.models import User
from tests.api.tasks.tasks import URL, Status, assert_only, ended, refused, waiting
from tests.openapi import ApiClient
from tests.tickets import Api, queries


def test_it_shows_ones_own_newest_first(api: Api, ada: User, dan: User) -> None:
    waiting(dan)
    first, second = ended(ada), waiting(ada, "bulk")
    page = api(ada).get(URL).json()
    assert page["count"] == 2
    assert [(row["id"], row["name"], row["status"]) for row in page["results"]] == [
        (second.pk, "bulk", "PENDING"),
        (first.pk, "export", "SUCCEEDED"),
    ]
    assert api(dan).get(URL).json()["count"] == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [("status=PENDING", 1), ("status=PENDING&status=FAILED", 2), ("name=export", 2), ("name=export&status=PENDING", 0)],
)
def test_it_is_narrowed_by_status_and_name(api: Api, ada: User, query: str, count: int) -> None:
    ended(ada), ended(ada, Status.FAILED), waiting(ada, "bulk")
    assert api(ada).get(f"{URL}?{query}").json()["count"] == count


def test_it_has_pages_by_number_and_by_cursor(api: Api, ada: User) -> None:
    made = [ended(ada).pk for _ in range(3)]
    client = api(ada)
    assert [row["id"] for row in client.get(f"{URL}?page=2&page_size=2").json()["results"]] == made[:1]
    first = client.get(f"{URL}?cursor=&page_size=2").json()
    assert [row["id"] for row in client.get(first["next"]).json()["results"]] == made[:1]


@pytest.mark.parametrize(("query", "field"), [("status=pending", "status"), ("owner=1", "owner"), ("page=0", "page")])
def test_bad_parameters_are_named(api: Api, ada: User, query: str, field: str) -> None:
    assert set(refused(400, api(ada).get(f"{URL}?{query}"))) == {field}


def test_many_take_as_many_queries_as_one(api: Api, ada: User) -> None:
    client = api(ada)
    ended(ada)
    before = queries(lambda: client.get(URL))
    for _ in range(5):
        ended(ada)
    assert queries(lambda: client.get(URL)) == before == 3


def test_strangers_and_other_methods_are_refused(api: Api, ada: User, anonymous: ApiClient) -> None:
    assert refused(401, anonymous.get(URL))["code"] == "not_authenticated"
    assert_only("get", URL, api(ada))
