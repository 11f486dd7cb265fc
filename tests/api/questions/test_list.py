"""GET /api/questions/"""

from typing import Any
from urllib.parse import urlencode

import pytest

from core.actions import question_answers, questions, votes
from core.models import Question, Status, User
from tests.api.cursors import BAD_CURSORS, walk
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.questions import URL, ask, refused, reply
from tests.tickets import Api, queries


def titles(client: ApiClient, **query: Any) -> str:
    """The titles listed, in order."""
    response = client.get(URL, query)
    assert response.status_code == 200, response.content
    page = response.json()
    assert page["count"] == len(page["results"])
    return "".join(row["title"] for row in page["results"])


@pytest.fixture
def board(dan: User, cleo: User, carl: User) -> dict[str, Question]:
    """a: accepted; b: answered, and disliked; c: liked, then corrected; d: nothing."""
    made = {title: ask(author, title) for title, author in zip("abcd", (cleo, cleo, carl, dan), strict=True)}
    accepted = reply(dan, made["a"])
    for title in "ab":
        reply(carl, made[title])
    question_answers.accept(actor=cleo, answer_id=accepted.pk)
    votes.vote(Question, actor=dan, pk=made["b"].pk, value=-1)
    votes.vote(Question, actor=dan, pk=made["c"].pk, value=1)
    questions.update(actor=cleo, question_id=made["a"].pk, tags=["web", "ärger"])
    questions.update(actor=carl, question_id=made["c"].pk, tags=["web"])
    return made


def test_everybody_sees_all_newest_first(
    api: Api, anonymous: ApiClient, ada: User, dan: User, carl: User, board: dict[str, Question]
) -> None:
    for user in (ada, dan, carl):
        client = api(user)
        assert titles(client) == "dcba"
        for row in client.get(URL).json()["results"]:
            assert client.get(row["url"]).json() == row
    assert refused(401, anonymous.get, URL)["code"] == "not_authenticated"


def test_it_is_narrowed_and_ordered(api: Api, dan: User, cleo: User, board: dict[str, Question]) -> None:
    client = api(dan)
    narrowed: list[tuple[dict[str, Any], str]] = [
        ({"tag": "web"}, "ca"),
        ({"tag": " ÄRGER "}, "a"),
        ({"tag": "we"}, ""),
        ({"author": cleo.pk}, "ba"),
        ({"author": 2**63 - 1}, ""),
        ({"answered": "true"}, "ba"),
        ({"answered": "false"}, "dc"),
        ({"accepted": "1"}, "a"),
        ({"accepted": "0"}, "dcb"),
        ({"answered": "true", "accepted": "false", "author": cleo.pk}, "b"),
        ({"ordering": "id"}, "abcd"),
        ({"ordering": "-id"}, "dcba"),
        ({"ordering": "-created_at"}, "dcba"),
        ({"ordering": "-score"}, "cdab"),
        ({"ordering": "score"}, "bdac"),
        ({"ordering": "-updated_at"}, "cabd"),
        ({"ordering": "-answers_count,score"}, "abdc"),
    ]
    for query, found in narrowed:
        assert titles(client, **query) == found, query


def test_only_those_who_see_a_ticket_find_by_it(
    api: Api, ada: User, dan: User, cleo: User, carl: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(Status.CLOSED, assigned_to=[dan])
    for author in (cleo, dan):
        ask(author, "q", ticket=ticket.pk)
    ask(cleo, "other")
    for user, found in ((ada, "qq"), (dan, "qq"), (cleo, "qq"), (carl, "")):
        assert titles(api(user), ticket=ticket.pk) == found


def test_pages_by_number_and_by_cursor(api: Api, dan: User, board: dict[str, Question]) -> None:
    client, ids = api(dan), [question.pk for question in board.values()][::-1]
    page = client.get(URL, {"page_size": 3}).json()
    assert (page["count"], [row["id"] for row in page["results"]]) == (4, ids[:3])
    assert [row["id"] for row in client.get(page["next"]).json()["results"]] == ids[3:]
    assert walk(client, f"{URL}?cursor=&page_size=3", "next") == [ids[:3], ids[3:]]
    assert walk(client, f"{URL}?cursor=&page_size=3&ordering=id", "next") == [ids[:0:-1], ids[:1]]


def test_what_is_no_filter_is_refused_by_name(api: Api, dan: User, board: dict[str, Question]) -> None:
    client = api(dan)
    wrong = [
        *((name, value) for name in ("author", "ticket") for value in ("x", "0", "-1", "1.5", str(2**63), "\0")),
        *((name, value) for name in ("answered", "accepted") for value in ("x", "2", "yes")),
        *(("ordering", value) for value in ("x", "newest", "--id", "author", "votes_told_at")),
        *(("cursor", value) for value in BAD_CURSORS),
        *(("tag", "\0"), ("page", "0"), ("page_size", "x"), ("score", "1"), ("author__role", "ADMIN")),
    ]
    for name, value in wrong:
        answer = client.get(f"{URL}?{urlencode({name: value})}")
        assert (answer.status_code, set(answer.json())) == (400, {name}), (name, value)
    assert set(refused(400, client.get, f"{URL}?cursor=&ordering=-score")) == {"cursor"}


def test_it_takes_as_many_queries_for_20_as_for_2(api: Api, dan: User, cleo: User, make_ticket: MakeTicket) -> None:
    client, ticket = api(dan), make_ticket(Status.CLOSED, assigned_to=[dan])

    def count(many: int) -> int:
        for number in range(many):
            reply(dan, ask(cleo, tags=[f"{number}", "a"], ticket=ticket.pk))
        return queries(lambda: client.get(URL, {"page_size": "50", "tag": "a"}))

    assert count(2) == count(18) <= 6
