"""GET, POST /api/questions/{id}/answers/"""

from core.actions import votes
from core.models import Answer, Question, User
from tests.api.cursors import walk
from tests.openapi import ApiClient
from tests.questions import HELPS, NOBODY_ASKED, TITLE, URL, WRONG_BODIES, ask, refused, reply, told, url
from tests.tickets import NOT_ACCEPTED, Api, queries


def test_an_answer_is_shown_and_whoever_asked_is_told(api: Api, ada: User, dan: User, cleo: User) -> None:
    question = ask(cleo)
    response = api(dan).post(url(question, "answers"), {"body": f" {HELPS}\n"}, format="json")
    assert response.status_code == 201
    shown = response.json()
    assert shown == {
        "id": shown["id"],
        "question": question.pk,
        "body": HELPS,
        "author": {"id": dan.pk, "username": "dan", "full_name": "Dan Developer"},
        "score": 0,
        "my_vote": 0,
        "is_accepted": False,
        "created_at": shown["created_at"],
        "updated_at": shown["created_at"],
        "url": f"/api/answers/{shown['id']}/",
        "allowed_actions": ["update", "delete"],
    }
    whole = api(cleo).get(url(question)).json()
    assert (whole["answers_count"], whole["updated_at"]) == (1, shown["created_at"])
    assert told(cleo, "answer_created") == [
        (f"Dan Developer answered your question: {TITLE}", "answer", shown["id"], shown["url"], "dan")
    ]
    assert told(dan, "answer_created") == told(ada, "answer_created") == []


def test_whoever_answers_their_own_question_is_not_told(api: Api, cleo: User) -> None:
    question = ask(cleo)
    assert api(cleo).post(url(question, "answers"), {"body": "Found it."}).status_code == 201
    assert told(cleo, "answer_created") == []


def test_they_are_listed_oldest_first_or_as_one_asks(api: Api, ada: User, dan: User, cleo: User) -> None:
    question, other = ask(cleo), ask(cleo)
    made = [reply(author, question, f"{number}") for number, author in enumerate((dan, ada, dan))]
    reply(dan, other)
    votes.vote(Answer, actor=cleo, pk=made[1].pk, value=1)
    client, where = api(cleo), url(question, "answers")

    def listed(**query: str) -> list[str]:
        page = client.get(where, query).json()
        assert page["count"] == len(page["results"])
        return [row["body"] for row in page["results"]]

    assert listed() == listed(ordering="id") == ["0", "1", "2"]
    assert listed(ordering="-score") == ["1", "2", "0"]
    assert listed(ordering="-created_at") == ["2", "1", "0"]
    assert listed(author=str(dan.pk)) == ["0", "2"]
    for row in client.get(where).json()["results"]:
        assert client.get(row["url"]).json() == row
    ids = [answer.pk for answer in made]
    assert walk(client, f"{where}?cursor=&page_size=2", "next") == [ids[:2], ids[2:]]
    assert len(client.get(where, {"page": 2, "page_size": 2}).json()["results"]) == 1


def test_listing_is_refused(api: Api, anonymous: ApiClient, cleo: User) -> None:
    question = ask(cleo)
    assert refused(401, anonymous.get, url(question, "answers"))["code"] == "not_authenticated"
    for key in (NOBODY_ASKED, 10**30):
        assert refused(404, api(cleo).get, f"{URL}{key}/answers/", {"x": "y"})["code"] == "not_found"
    wrong = {"author": "x", "ordering": "body", "search": "x", "page_size": "0", "cursor": "x"}
    for name, value in wrong.items():
        assert set(refused(400, api(cleo).get, url(question, "answers"), {name: value})) == {name}


def test_answering_is_refused_in_order(api: Api, anonymous: ApiClient, dan: User, cleo: User) -> None:
    question, bad = ask(cleo), {"nonsense": 1, "body": "x"}
    assert refused(401, anonymous.post, url(question, "answers"), bad)["code"] == "not_authenticated"
    assert refused(404, api(dan).post, f"{URL}{NOBODY_ASKED}/answers/", bad)["code"] == "not_found"
    assert refused(400, api(dan).post, url(question, "answers"), bad) == {"nonsense": NOT_ACCEPTED}
    assert set(refused(400, api(dan).post, url(question, "answers"), {})) == {"body"}
    for wrong in WRONG_BODIES:
        assert set(refused(400, api(dan).post, url(question, "answers"), {"body": wrong})) == {"body"}
    assert Question.objects.get(pk=question.pk).answers_count == 0


def test_the_list_takes_as_many_queries_for_20_as_for_2(api: Api, dan: User, cleo: User) -> None:
    question, client = ask(cleo), api(dan)

    def count(many: int) -> int:
        for _ in range(many):
            reply(dan, question)
        return queries(lambda: client.get(url(question, "answers"), {"page_size": 50}))

    assert count(2) == count(18) <= 5
