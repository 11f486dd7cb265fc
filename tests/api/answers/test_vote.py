"""POST /api/answers/{id}/vote/"""

from core.models import User
from tests.openapi import ApiClient
from tests.questions import NOBODY_ASKED, TITLE, ask, refused, reply, told, url
from tests.tickets import NOT_ACCEPTED, REQUIRED, Api


def test_one_vote_a_person_and_whoever_wrote_it_is_told(api: Api, dora: User, dan: User, cleo: User) -> None:
    answer = reply(dan, ask(cleo))
    for user, value, score in ((dora, 1, 1), (cleo, 1, 2), (cleo, -1, 0), (cleo, 0, 1), (dora, 1, 1)):
        shown = api(user).post(url(answer, "vote"), {"value": value}).json()
        assert (shown["score"], shown["my_vote"]) == (score, value)
    assert told(dan, "answer_voted") == [
        (f"Dora Developer voted for your answer: {TITLE}", "answer", answer.pk, f"/api/answers/{answer.pk}/", "dora")
    ]


def test_it_is_refused_in_order(api: Api, anonymous: ApiClient, dan: User, cleo: User) -> None:
    answer, bad = reply(dan, ask(cleo)), {"nonsense": 1}
    assert refused(401, anonymous.post, url(answer, "vote"), bad)["code"] == "not_authenticated"
    assert refused(404, api(cleo).post, f"/api/answers/{NOBODY_ASKED}/vote/", bad)["code"] == "not_found"
    assert refused(403, api(dan).post, url(answer, "vote"), bad)["code"] == "permission_denied"
    assert refused(400, api(cleo).post, url(answer, "vote"), bad) == {"nonsense": NOT_ACCEPTED}
    assert refused(400, api(cleo).post, url(answer, "vote"), {}) == {"value": REQUIRED}
    assert set(refused(400, api(cleo).post, url(answer, "vote"), {"value": 2})) == {"value"}
