"""DELETE /api/answers/{id}/"""

from core.actions import question_answers, votes
from core.models import Answer, User, Vote
from tests.openapi import ApiClient
from tests.questions import NOBODY_ASKED, ask, refused, reply, url
from tests.tickets import Api


def test_author_and_admin_delete_it_with_its_votes(api: Api, ada: User, dan: User, cleo: User) -> None:
    question = ask(cleo)
    reply(cleo, question)
    for user in (dan, ada):
        answer = reply(dan, question)
        votes.vote(Answer, actor=cleo, pk=answer.pk, value=1)
        assert api(user).delete(url(answer)).status_code == 204
        assert api(user).get(url(answer)).status_code == 404
        assert api(cleo).get(url(question)).json()["answers_count"] == 1
    assert not Vote.objects.exists()


def test_the_accepted_one_stays_unless_an_admin_deletes_it(api: Api, ada: User, dan: User, cleo: User) -> None:
    question = ask(cleo)
    answer = reply(dan, question)
    question_answers.accept(actor=cleo, answer_id=answer.pk)
    assert refused(409, api(dan).delete, url(answer))["code"] == "answer_accepted"
    assert api(ada).delete(url(answer)).status_code == 204
    shown = api(cleo).get(url(question)).json()
    assert (shown["accepted_answer_id"], shown["answers_count"]) == (None, 0)


def test_it_is_refused_in_order(api: Api, anonymous: ApiClient, dan: User, cleo: User) -> None:
    answer = reply(dan, ask(cleo))
    assert refused(401, anonymous.delete, url(answer))["code"] == "not_authenticated"
    assert refused(404, api(dan).delete, f"/api/answers/{NOBODY_ASKED}/")["code"] == "not_found"
    assert refused(403, api(cleo).delete, url(answer))["code"] == "permission_denied"
