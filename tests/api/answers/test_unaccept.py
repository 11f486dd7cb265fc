"""POST /api/answers/{id}/unaccept/"""

from core.actions import question_answers
from core.models import User
from tests.openapi import ApiClient
from tests.questions import NOBODY_ASKED, ask, everything, refused, reply, takes_nothing, url
from tests.tickets import Api


def test_whoever_asked_and_an_admin_take_it_back_and_nobody_is_told(api: Api, ada: User, dan: User, cleo: User) -> None:
    question = ask(cleo)
    answer, other = reply(dan, question), reply(dan, question)
    for user in (cleo, ada):
        question_answers.accept(actor=cleo, answer_id=answer.pk)
        before = everything()
        assert api(user).post(url(other, "unaccept")).json()["is_accepted"] is False  # it was not anyway
        assert everything() == before
        assert api(user).post(url(answer, "unaccept")).json()["is_accepted"] is False
        assert api(dan).get(url(question)).json()["accepted_answer_id"] is None
        assert everything()["NotificationLog"] == before["NotificationLog"]


def test_it_is_refused_in_order(api: Api, anonymous: ApiClient, dan: User, dora: User, cleo: User) -> None:
    answer, bad = reply(dan, ask(cleo)), {"nonsense": 1}
    question_answers.accept(actor=cleo, answer_id=answer.pk)
    assert refused(401, anonymous.post, url(answer, "unaccept"), bad)["code"] == "not_authenticated"
    assert refused(404, api(dora).post, f"/api/answers/{NOBODY_ASKED}/unaccept/", bad)["code"] == "not_found"
    for user in (dan, dora):
        assert refused(403, api(user).post, url(answer, "unaccept"), bad)["code"] == "permission_denied"
    takes_nothing(api(cleo), url(answer, "unaccept"))
