"""POST /api/questions/"""

from typing import Any

from core.actions import tickets
from core.models import NotificationLog, Question, Status, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.questions import BODY, NOBODY_ASKED, TITLE, URL, WRONG_BODIES, refused
from tests.tickets import NOT_ACCEPTED, Api, unchecked

GIVEN = {"title": TITLE, "body": BODY}
WRONG: dict[str, list[Any]] = {
    "title": ["", "\n", "\u3164", None, "a\0b", ["x"], "x" * 201],
    "body": WRONG_BODIES,
    "tags": [None, "bug", [""], ["x" * 41], [str(n) for n in range(21)]],
    "ticket": [None, "x", 0, -1, 1.5, 2**63, NOBODY_ASKED, []],
}
REQUIRED = ["This field is required unless a ticket is given."]


def test_whoever_is_signed_in_asks_and_nobody_is_told(api: Api, ada: User, dan: User, cleo: User) -> None:
    for user in (ada, dan, cleo):
        response = api(user).post(URL, GIVEN | {"tags": ["Checkout", " checkout ", "Web  Shop"]})
        assert response.status_code == 201
        shown = response.json()
        question = Question.objects.get(pk=shown["id"])
        assert shown == {
            "id": question.pk,
            **GIVEN,
            "tags": ["checkout", "web shop"],
            "author": {"id": user.pk, "username": user.username, "full_name": user.full_name},
            "score": 0,
            "my_vote": 0,
            "answers_count": 0,
            "accepted_answer_id": None,
            "ticket": None,
            "created_at": shown["created_at"],
            "updated_at": shown["created_at"],
            "url": f"{URL}{question.pk}/",
            "allowed_actions": ["update", "delete", "answer"],
        }
    assert not NotificationLog.objects.exists()


def test_a_title_is_one_line_and_texts_are_trimmed(api: Api, cleo: User) -> None:
    shown = (
        unchecked(api(cleo)).post(URL, {"title": " Why\n is it\tblank? ", "body": " Since\nthis morning. \n"}).json()
    )
    assert (shown["title"], shown["body"]) == ("Why is it blank?", "Since\nthis morning.")


def test_a_closed_ticket_becomes_a_question_without_what_is_private(
    api: Api, ada: User, dan: User, cleo: User, carl: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(
        Status.CLOSED,
        title="ACME SHOP: blank page, ask @dan or cleo@example.com",
        description="Cleo Client (+1 202-555-0104) saw it at 2026-11-20 12:30:01 on 10.0.0.12, Dan Developer not.",
        project_name="Acme Shop",
        tags=["acme"],
    )
    tickets.add_comment(actor=dan, ticket_id=ticket.pk, comment="The customer is wrong.", is_internal=True)
    shown = api(cleo).post(URL, {"ticket": ticket.pk, "tags": ["web"]}).json()
    assert shown["title"] == "[…]: blank page, ask […] or […]"
    assert shown["body"] == "[…] ([…]) saw it at 2026-11-20 12:30:01 on 10.0.0.12, […] not."
    assert (shown["tags"], shown["author"]["username"]) == (["web"], "cleo")
    own = {"id": ticket.pk, "number": ticket.number}
    seen = {user.username: api(user).get(shown["url"]).json()["ticket"] for user in (ada, dan, cleo, carl)}
    assert seen == {"ada": own, "dan": own, "cleo": own, "carl": None}


def test_what_is_given_is_not_taken_from_the_ticket(api: Api, dan: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(Status.CLOSED, description="Since @dan came.")
    client = api(dan)
    shown = client.post(URL, {"ticket": ticket.pk, "title": "What does @dan mean?"}).json()
    assert (shown["title"], shown["body"]) == ("What does @dan mean?", "Since […] came.")
    assert client.post(URL, {"ticket": ticket.pk, "body": "Mine."}).json()["body"] == "Mine."


def test_it_is_refused_to_nobody_but_strangers(anonymous: ApiClient, cleo: User) -> None:
    assert refused(401, anonymous.post, URL, {"nonsense": 1})["code"] == "not_authenticated"


def test_bad_input_is_refused_by_name(api: Api, cleo: User) -> None:
    client = api(cleo)
    for field, values in WRONG.items():
        for wrong in values:
            assert set(refused(400, client.post, URL, GIVEN | {field: wrong})) == {field}, wrong


def test_what_is_missing_or_unknown_is_named(api: Api, cleo: User) -> None:
    client = api(cleo)
    assert refused(400, client.post, URL, {}) == {"title": REQUIRED, "body": REQUIRED}
    assert refused(400, client.post, URL, {"title": "Why?"}) == {"body": REQUIRED}
    others = {"score": 7, "author": 1, "accepted_answer_id": 1}
    assert refused(400, client.post, URL, GIVEN | others) == dict.fromkeys(others, NOT_ACCEPTED)
    assert set(refused(400, client.post, URL, [])) == {"non_field_errors"}


def test_a_ticket_has_to_be_seen_and_closed(
    api: Api, ada: User, dora: User, cleo: User, carl: User, make_ticket: MakeTicket
) -> None:
    closed, open_one = make_ticket(Status.CLOSED), make_ticket(Status.RESOLVED)
    for user in (dora, carl):
        for ticket in (closed, open_one):
            answer = refused(400, api(user).post, URL, {"ticket": ticket.pk})
            assert answer == {"ticket": ["You see no ticket with this id."]}
    assert refused(409, api(cleo).post, URL, {"ticket": open_one.pk} | GIVEN)["code"] == "ticket_not_closed"
    tickets.delete(actor=ada, ticket_id=closed.pk)
    assert set(refused(400, api(ada).post, URL, {"ticket": closed.pk})) == {"ticket"}


def test_the_same_key_asks_once(api: Api, cleo: User) -> None:
    client = api(cleo)
    first, again = (client.post(URL, GIVEN, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert first.json() == again.json()
    assert Question.objects.count() == 1
    assert client.post(URL, GIVEN | {"title": "Another?"}, headers={"Idempotency-Key": "once"}).status_code == 422
