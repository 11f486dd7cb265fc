"""POST /api/users/{id}/deactivate/ and activate/, and DELETE /api/users/{id}/, which deactivates."""

import pytest
from rest_framework.test import APIClient

from core.actions import sessions
from core.models import Role, User
from tests.api.auth.calls import login, me
from tests.api.users.calls import NOBODY, only_for_admins, refused, url
from tests.conftest import person
from tests.tickets import NOT_ACCEPTED, Api


def test_it_holds_from_the_next_request_on_until_somebody_is_activated_again(
    api: Api, ada: User, dan: User, anonymous: APIClient
) -> None:
    found, client = sessions.start(user=dan), api(ada)
    for _ in range(2):  # the same again is no error
        assert client.post(url(dan, "deactivate")).json()["is_active"] is False
        assert me(anonymous, found.access).status_code == 401
        assert login(anonymous, "dan").status_code == 401
    for _ in range(2):
        assert client.post(url(dan, "activate")).json()["is_active"] is True
        assert me(anonymous, found.access).json()["code"] == "session_ended"
        assert login(anonymous, "dan").status_code == 200


def test_delete_deactivates(api: Api, ada: User, dan: User, anonymous: APIClient) -> None:
    found = sessions.start(user=dan)
    for _ in range(2):
        response = api(ada).delete(url(dan))
        assert (response.status_code, response.content) == (204, b"")
    assert api(ada).get(url(dan)).json()["is_active"] is False
    assert me(anonymous, found.access).status_code == 401


def test_nobody_deactivates_themselves(api: Api, ada: User) -> None:
    person("eve", Role.ADMIN, 6)
    client = api(ada)
    for answer in (refused(409, client.post, url(ada, "deactivate")), refused(409, client.delete, url(ada))):
        assert answer["code"] == "own_account"


@pytest.mark.parametrize("action", ["activate", "deactivate"])
def test_it_takes_no_input(api: Api, ada: User, dan: User, action: str) -> None:
    assert refused(400, api(ada).post, url(dan, action), {"nonsense": 1}) == {"nonsense": NOT_ACCEPTED}
    assert refused(404, api(ada).post, url(NOBODY, action), {"nonsense": 1})["code"] == "not_found"


@pytest.mark.parametrize("action", ["activate", "deactivate", ""])
def test_only_admins_do_it(api: Api, dan: User, cleo: User, action: str) -> None:
    for whom in (cleo.pk, NOBODY):
        only_for_admins(lambda client: client.post if action else client.delete, api, [dan, cleo], url(whom, action))
