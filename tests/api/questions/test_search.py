"""GET /api/questions/?search= finds as that of tickets does (tests/api/tickets/test_search.py), by other words."""

from core.models import Answer, Question, User
from tests.openapi import ApiClient
from tests.questions import URL, ask, refused, reply, url
from tests.tickets import Api, queries


def found(client: ApiClient, text: str, **more: str) -> list[int]:
    """The ids that a search finds, in order."""
    response = client.get(URL, {"search": text, **more})
    assert response.status_code == 200, response.content
    body = response.json()
    assert body["count"] == len(body["results"])
    return [row["id"] for row in body["results"]]


def test_each_word_begins_a_word_of_the_question_or_an_answer(api: Api, dan: User, cleo: User) -> None:
    wanted = ask(cleo, "Printer jam: Ärger im Büro", "한국어 paper; timeout/retry 🔥deploy🔥")
    reply(dan, wanted, "Smoke from tray-2, told a.b@example.com")
    ask(cleo, "Something else", "Nothing.")
    client = api(cleo)
    for text in ("PRINT", "jam smoke", "arger buro", "한국", "retry tray", "a.b@example.com", "\uff50rinter-jam"):
        assert found(client, text) == [wanted.pk], text
    for text in ("rinter", "printer scanner", "!", '"', "\\", "INC-1"):
        assert found(client, text) == [], text
    assert len(found(client, "")) == 2
    for wrong in ("x" * 201, "page\0"):
        assert set(refused(400, client.get, URL, {"search": wrong})) == {"search"}


def test_title_comes_before_body_before_answers_then_the_newest(api: Api, dan: User, cleo: User) -> None:
    title, newer = (ask(cleo, "Blank router", "Nothing here.") for _ in range(2))
    body = ask(cleo, "Blank page", "Router here.")
    answered = ask(cleo, "Blank page", "Nothing here.")
    reply(dan, answered, "Router")
    by_rank = [newer.pk, title.pk, body.pk, answered.pk]
    assert found(api(dan), "router") == by_rank
    assert found(api(dan), "router", ordering="id") == sorted(by_rank)
    assert found(api(dan), "router", answered="true") == [answered.pk]


def test_what_changes_is_found_at_once(api: Api, ada: User, dan: User, cleo: User) -> None:
    question, client = ask(cleo), api(cleo)
    client.patch(url(question), {"title": "The gateway hangs", "body": "Again."})
    assert found(client, "gateway again") == [question.pk]
    assert found(client, "checkout") == []
    answer = reply(dan, question, "Valves closed")
    assert found(client, "gateway valves") == [question.pk]
    api(dan).patch(url(answer), {"body": "Tubes closed"})
    assert (found(client, "valves"), found(client, "tubes")) == ([], [question.pk])
    api(dan).delete(url(answer))
    assert found(client, "tubes") == []
    api(cleo).delete(url(question))
    assert found(client, "gateway") == []


def test_long_texts_are_searched_as_far_as_they_go(api: Api, dan: User, cleo: User) -> None:
    question = ask(cleo, body="\ufdfa" * 20_000)
    made = [Answer(question=question, author=dan, created_at=question.created_at, updated_at=question.created_at)] * 9
    for number, answer in enumerate(made):
        answer.pk, answer.body = None, " ".join(f"w{number}x{word:04}" for word in range(2_500))
        answer.save(force_insert=True)
    assert found(api(dan), "w8x0001") == [question.pk]
    assert found(api(dan), "w0x0001") == []  # the newest come first


def test_it_takes_as_many_queries_as_the_list(api: Api, cleo: User) -> None:
    client = api(cleo)
    for _ in range(3):
        ask(cleo, tags=["a"])
    assert Question.objects.count() == 3
    assert queries(lambda: client.get(URL, {"search": "checkout"})) == queries(lambda: client.get(URL, {"page": 1}))
