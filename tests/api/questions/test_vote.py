"""POST /api/questions/{id}/vote/"""

from typing import Any

import pytest

from core.actions import questions, votes
from core.models import Question, User, Vote
from tests.openapi import ApiClient
from tests.questions import TITLE, URL, ask, refused, told, url
from tests.tickets import NOT_ACCEPTED, REQUIRED, Api

NO_CHOICES: list[Any] = [None, "", "up", 2, -2, 0.5, True, [], {}]


def test_one_vote_a_person_which_may_be_changed(api: Api, dan: User, dora: User, cleo: User) -> None:
    question, first, second = ask(cleo), api(dan), api(dora)
    for client, value, score in (
        *((first, 1, 1), (first, 1, 1), (second, 1, 2)),
        *((first, -1, 0), (second, 0, -1), (second, 0, -1), (first, 0, 0), (first, 1, 1)),
    ):
        shown = client.post(url(question, "vote"), {"value": value}).json()
        assert (shown["score"], shown["my_vote"]) == (score, value)
    assert api(cleo).get(url(question)).json()["my_vote"] == 0
    assert Vote.objects.count() == 2
    question.refresh_from_db()
    assert question.updated_at == question.created_at


def test_its_author_is_told(api: Api, dan: User, cleo: User) -> None:
    question = ask(cleo)
    api(dan).post(url(question, "vote"), {"value": 1})
    where = f"{URL}{question.pk}/"
    assert told(cleo, "question_voted") == [
        (f"Dan Developer voted for your question: {TITLE}", "question", question.pk, where, "dan")
    ]


def test_it_is_refused_in_order(api: Api, anonymous: ApiClient, ada: User, dan: User, cleo: User) -> None:
    question, bad = ask(cleo), {"nonsense": 1}
    assert refused(401, anonymous.post, url(question, "vote"), bad)["code"] == "not_authenticated"
    assert refused(404, api(dan).post, f"{URL}{question.pk + 1}/vote/", bad)["code"] == "not_found"
    assert refused(403, api(cleo).post, url(question, "vote"), bad)["code"] == "permission_denied"
    assert refused(403, api(ada).post, url(ask(ada), "vote"), {"value": 1})["code"] == "permission_denied"
    assert refused(400, api(dan).post, url(question, "vote"), bad) == {"nonsense": NOT_ACCEPTED}
    assert refused(400, api(dan).post, url(question, "vote"), {}) == {"value": REQUIRED}
    for wrong in NO_CHOICES:
        assert set(refused(400, api(dan).post, url(question, "vote"), {"value": wrong})) == {"value"}
    assert Question.objects.get(pk=question.pk).score == 0


def test_what_is_deleted_in_that_moment_is_not_found(
    api: Api, ada: User, dan: User, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, usual = ask(cleo), votes.vote

    def then_deleted(*arguments: Any, **options: Any) -> None:
        usual(*arguments, **options)
        questions.delete(actor=ada, question_id=question.pk)

    monkeypatch.setattr(votes, "vote", then_deleted)
    assert api(dan).post(url(question, "vote"), {"value": 1}).status_code == 404
