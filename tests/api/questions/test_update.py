"""PATCH /api/questions/{id}/"""

import pytest

from core.models import NotificationLog, Question, User
from tests.openapi import ApiClient
from tests.questions import URL, WRONG_BODIES, ask, refused, url
from tests.tickets import NOT_ACCEPTED, Api

CHANGES = {"title": "Why is it blank in Firefox?", "body": "Only there.", "tags": ["firefox"]}


@pytest.mark.parametrize("who", ["ada", "cleo"])
def test_author_and_admin_correct_it_and_nobody_is_told(api: Api, ada: User, cleo: User, who: str) -> None:
    question, client = ask(cleo, tags=["checkout"]), api(User.objects.get(username=who))
    before = client.get(url(question)).json()
    shown = client.patch(url(question), CHANGES).json()
    assert shown == before | CHANGES | {"updated_at": shown["updated_at"]}
    assert shown["updated_at"] > before["updated_at"]
    assert client.patch(url(question), {"tags": []}).json() == shown | {
        "tags": [],
        "updated_at": Question.objects.get().updated_at.isoformat().replace("+00:00", "Z"),
    }
    assert not NotificationLog.objects.exists()


def test_what_stays_the_same_is_no_change(api: Api, cleo: User) -> None:
    question = ask(cleo, tags=["a"])
    for same in ({}, {"title": question.title}, {"body": question.body, "tags": ["A"]}):
        shown = api(cleo).patch(url(question), same).json()
        assert shown["updated_at"] == shown["created_at"]


def test_it_is_refused_in_order(api: Api, anonymous: ApiClient, dan: User, cleo: User) -> None:
    question = ask(cleo)
    bad = {"nonsense": 1, "ticket": 1, "score": 1}
    assert refused(401, anonymous.patch, url(question), bad)["code"] == "not_authenticated"
    assert refused(404, api(dan).patch, f"{URL}{question.pk + 1}/", bad)["code"] == "not_found"
    assert refused(403, api(dan).patch, url(question), bad)["code"] == "permission_denied"
    assert refused(400, api(cleo).patch, url(question), bad) == dict.fromkeys(bad, NOT_ACCEPTED)


def test_bad_input_is_refused_by_name(api: Api, cleo: User) -> None:
    question, client = ask(cleo), api(cleo)
    wrong = [("title", "x" * 201), ("title", " "), ("tags", [""]), *(("body", body) for body in WRONG_BODIES)]
    for field, value in wrong:
        assert set(refused(400, client.patch, url(question), {field: value, "title": value})) >= {field}
