"""GET /api/users/"""

import pytest

from core.models import Role, User
from tests.api.users.calls import URL, only_for_admins, refused
from tests.tickets import Api, newcomers, queries


def names(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [row["username"] for row in page["results"]]


def test_it_shows_all_there_is_to_administer(api: Api, ada: User) -> None:
    User.objects.create_user("nina", "nina@example.com", role=Role.CLIENT, is_active=False)
    page = api(ada).get(URL).json()
    assert (page["count"], names(page)) == (2, ["ada", "nina"])
    row = page["results"][1]
    assert row.pop("id") > ada.pk
    assert row.pop("date_joined").endswith("Z")
    assert row == {
        "username": "nina",
        "email": "nina@example.com",
        "first_name": "",
        "last_name": "",
        "full_name": "nina",
        "role": "CLIENT",
        "phone_number": "",
        "locale": "en",
        "timezone": "UTC",
        "is_active": False,
        "has_password": False,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("role=DEVELOPER", ["dan", "dora"]),
        ("role=DEVELOPER&role=ADMIN", ["ada", "dan", "dora"]),
        ("is_active=false", ["dora"]),
        ("role=DEVELOPER&is_active=true", ["dan"]),
        ("search=DO", ["dora"]),
        ("search=dan@example", ["dan"]),
        ("search=Developer dan", ["dan"]),
        ("search=%25", []),
        ("ordering=-username", ["dora", "dan", "cleo", "ada"]),
        ("ordering=id&page_size=2&page=2", ["dora", "cleo"]),
    ],
)
def test_it_is_narrowed_searched_and_ordered(
    api: Api, ada: User, dan: User, dora: User, cleo: User, query: str, found: list[str]
) -> None:
    User.objects.filter(pk=dora.pk).update(is_active=False)
    assert names(api(ada).get(f"{URL}?{query}").json()) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("role=BOSS", "role"),
        ("is_active=perhaps", "is_active"),
        ("ordering=password", "ordering"),
        (f"search={'x' * 101}", "search"),
        ("search=a%00b", "search"),
        ("password=x", "password"),
        ("page_size=0", "page_size"),
    ],
)
def test_what_it_does_not_understand_it_refuses(api: Api, ada: User, query: str, field: str) -> None:
    assert set(refused(400, api(ada).get, f"{URL}?{query}")) == {field}


def test_only_admins_see_it(api: Api, dan: User, cleo: User) -> None:
    only_for_admins(lambda client: lambda path, _body: client.get(path), api, [dan, cleo], URL)


def test_it_takes_as_many_queries_for_30_as_for_3(api: Api, ada: User) -> None:
    client = api(ada)
    newcomers(Role.CLIENT, 3)
    few = queries(lambda: client.get(f"{URL}?page_size=100"))
    newcomers(Role.CLIENT, 27, name="more")
    assert queries(lambda: client.get(f"{URL}?page_size=100")) == few == 3
