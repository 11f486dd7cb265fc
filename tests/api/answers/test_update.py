"""PATCH /api/answers/{id}/"""

import pytest

from core.models import User
from tests.openapi import ApiClient
from tests.questions import NOBODY_ASKED, WRONG_BODIES, ask, refused, reply, told, url
from tests.tickets import NOT_ACCEPTED, Api


@pytest.mark.parametrize("who", ["ada", "dan"])
def test_author_and_admin_correct_it_and_nobody_is_told_again(
    api: Api, ada: User, dan: User, cleo: User, who: str
) -> None:
    answer, client = reply(dan, ask(cleo)), api(User.objects.get(username=who))
    before = client.get(url(answer)).json()
    for same in ({}, {"body": answer.body}):
        assert client.patch(url(answer), same).json() == before
    shown = client.patch(url(answer), {"body": "Clear it twice."}).json()
    assert shown == before | {"body": "Clear it twice.", "updated_at": shown["updated_at"]}
    assert shown["updated_at"] > before["updated_at"]
    assert len(told(cleo, "answer_created")) == 1


def test_it_is_refused_in_order(api: Api, anonymous: ApiClient, dan: User, cleo: User) -> None:
    answer, bad = reply(dan, ask(cleo)), {"is_accepted": True}
    assert refused(401, anonymous.patch, url(answer), bad)["code"] == "not_authenticated"
    assert refused(404, api(dan).patch, f"/api/answers/{NOBODY_ASKED}/", bad)["code"] == "not_found"
    assert refused(403, api(cleo).patch, url(answer), bad)["code"] == "permission_denied"
    assert refused(400, api(dan).patch, url(answer), bad) == {"is_accepted": NOT_ACCEPTED}
    for wrong in WRONG_BODIES:
        assert set(refused(400, api(dan).patch, url(answer), {"body": wrong})) == {"body"}
