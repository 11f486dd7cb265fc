"""DELETE /api/questions/{id}/"""

from core.actions import question_answers, votes
from core.models import Answer, Question, User
from tests.openapi import ApiClient
from tests.questions import URL, ask, nothing_is_left, refused, reply, url
from tests.tickets import Api


def test_its_author_deletes_it_with_what_the_author_answered(api: Api, dan: User, cleo: User) -> None:
    question = ask(cleo, tags=["a"])
    own = reply(cleo, question)
    question_answers.accept(actor=cleo, answer_id=own.pk)
    votes.vote(Question, actor=dan, pk=question.pk, value=1)
    votes.vote(Answer, actor=dan, pk=own.pk, value=-1)
    assert api(cleo).delete(url(question)).status_code == 204
    assert nothing_is_left()
    assert api(cleo).get(url(question)).status_code == 404


def test_once_others_have_answered_only_an_admin_deletes_it(api: Api, ada: User, dan: User, cleo: User) -> None:
    question = ask(cleo)
    reply(dan, question)
    assert refused(409, api(cleo).delete, url(question))["code"] == "question_answered"
    assert api(ada).delete(url(question)).status_code == 204
    assert not Answer.objects.exists()


def test_it_is_refused_in_order(api: Api, anonymous: ApiClient, dan: User, cleo: User) -> None:
    question = ask(cleo)
    assert refused(401, anonymous.delete, url(question))["code"] == "not_authenticated"
    assert refused(404, api(dan).delete, f"{URL}{question.pk + 1}/")["code"] == "not_found"
    assert refused(403, api(dan).delete, url(question))["code"] == "permission_denied"
