"""POST /api/answers/{id}/accept/"""

from core.models import User
from tests.openapi import ApiClient
from tests.questions import NOBODY_ASKED, TITLE, ask, refused, reply, takes_nothing, told, url
from tests.tickets import Api


def test_whoever_asked_accepts_one_and_its_author_is_told(api: Api, dan: User, cleo: User) -> None:
    question = ask(cleo)
    answer = reply(dan, question)
    client = api(cleo)
    first = client.post(url(answer, "accept")).json()
    assert first["is_accepted"] is True
    assert client.post(url(answer, "accept")).json() == first
    shown = client.get(url(question)).json()
    assert (shown["accepted_answer_id"], shown["updated_at"] > first["updated_at"]) == (answer.pk, True)
    assert told(dan, "answer_accepted") == [
        (f"Cleo Client accepted your answer: {TITLE}", "answer", answer.pk, f"/api/answers/{answer.pk}/", "cleo")
    ]


def test_accepting_another_moves_it_and_each_author_is_told_once(
    api: Api, ada: User, dan: User, dora: User, cleo: User
) -> None:
    question = ask(cleo)
    first, second = reply(dan, question), reply(dora, question)
    for user, answer in ((cleo, first), (ada, second), (cleo, first), (ada, second)):
        assert api(user).post(url(answer, "accept")).json()["is_accepted"] is True
        assert api(dan).get(url(question)).json()["accepted_answer_id"] == answer.pk
    assert api(dan).get(url(first)).json()["is_accepted"] is False
    assert [len(told(user, "answer_accepted")) for user in (dan, dora)] == [1, 1]
    assert [row[-1] for row in told(dora, "answer_accepted")] == ["ada"]


def test_ones_own_answer_may_be_the_one(api: Api, cleo: User) -> None:
    answer = reply(cleo, ask(cleo))
    assert api(cleo).post(url(answer, "accept")).json()["is_accepted"] is True
    assert told(cleo, "answer_accepted") == []


def test_it_is_refused_in_order(api: Api, anonymous: ApiClient, dan: User, dora: User, cleo: User) -> None:
    answer, bad = reply(dan, ask(cleo)), {"nonsense": 1}
    assert refused(401, anonymous.post, url(answer, "accept"), bad)["code"] == "not_authenticated"
    assert refused(404, api(dora).post, f"/api/answers/{NOBODY_ASKED}/accept/", bad)["code"] == "not_found"
    for user in (dan, dora):
        assert refused(403, api(user).post, url(answer, "accept"), bad)["code"] == "permission_denied"
    takes_nothing(api(cleo), url(answer, "accept"))
