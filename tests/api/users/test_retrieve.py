"""GET /api/users/{id}/"""

from core.models import User
from tests.api.users.calls import NOBODY, URL, only_for_admins, refused, url
from tests.tickets import Api


def test_one_person_as_the_list_has_it(api: Api, ada: User, dan: User) -> None:
    client = api(ada)
    found = client.get(url(dan)).json()
    assert found in client.get(URL).json()["results"]
    assert (found["username"], found["has_password"]) == ("dan", True)


def test_nobody_is_not_found(api: Api, ada: User) -> None:
    client = api(ada)
    for path in (url(NOBODY), f"{URL}{'9' * 18}/", f"{URL}x/"):
        assert refused(404, client.get, path)["code"] == "not_found"


def test_only_admins_see_it(api: Api, dan: User, cleo: User) -> None:
    for whom in (dan.pk, NOBODY):
        only_for_admins(lambda client: lambda path, _body: client.get(path), api, [dan, cleo], url(whom))
