"""GET /api/answers/{id}/"""

from core.actions import question_answers
from core.models import User
from tests.openapi import ApiClient
from tests.questions import NOBODY_ASKED, ask, refused, reply, url
from tests.tickets import Api, queries


def test_it_says_what_each_may_do(api: Api, ada: User, dan: User, dora: User, cleo: User) -> None:
    answer = reply(dan, ask(cleo))

    def allowed() -> dict[str, list[str]]:
        people = (ada, dan, dora, cleo)
        return {user.username: api(user).get(url(answer)).json()["allowed_actions"] for user in people}

    assert allowed() == {
        "ada": ["update", "delete", "vote", "accept"],
        "dan": ["update", "delete"],
        "dora": ["vote"],
        "cleo": ["vote", "accept"],
    }
    question_answers.accept(actor=cleo, answer_id=answer.pk)
    assert allowed() == {
        "ada": ["update", "delete", "vote", "unaccept"],
        "dan": ["update"],
        "dora": ["vote"],
        "cleo": ["vote", "unaccept"],
    }


def test_it_is_refused(api: Api, anonymous: ApiClient, dan: User, cleo: User) -> None:
    answer = reply(dan, ask(cleo))
    assert refused(401, anonymous.get, url(answer))["code"] == "not_authenticated"
    assert refused(404, api(cleo).get, f"/api/answers/{NOBODY_ASKED}/", {"x": "y"})["code"] == "not_found"
    assert refused(400, api(cleo).get, url(answer), {"x": "y"}) == {"x": ["Unknown parameter."]}


def test_it_takes_few_queries(api: Api, dan: User, cleo: User) -> None:
    answer, client = reply(dan, ask(cleo)), api(cleo)
    assert queries(lambda: client.get(url(answer))) <= 4
