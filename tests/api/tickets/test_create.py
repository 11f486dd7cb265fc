"""POST /api/tickets/"""

from typing import Any

import pytest

from core.models import Role, Tag, Ticket, User
from tests.openapi import ApiClient
from tests.tickets import (
    ALWAYS,
    NOT_ACCEPTED,
    REQUIRED,
    URL,
    WRONG_WORDS,
    Api,
    last_history,
    newcomers,
    queries,
    refused,
    tells,
    unchecked,
    url,
)

WORDS = {"title": "Blank page", "description": "Since this morning."}
WHOLE = WORDS | {
    "project_name": "Shop",
    "category": "BUG",
    "priority": "HIGH",
    "tags": ["checkout", "firefox"],
}


def test_a_client_raises_a_ticket_and_the_admins_are_told(
    api: Api, ada: User, dan: User, cleo: User, carl: User
) -> None:
    (other,) = newcomers(Role.ADMIN, 1)
    with tells((ada, "ticket_created", "admin"), (other, "ticket_created", "admin")):
        response = api(cleo).post(URL, WHOLE)
    assert response.status_code == 201
    ticket = Ticket.objects.get()
    assert response.json() == api(cleo).get(url(ticket)).json()
    assert response.json() | WHOLE == response.json()
    row = last_history(ticket)
    promised = {name: [None, response.json()[name]] for name in ("response_due_at", "resolution_due_at")}
    assert (row.actor, row.action, row.from_status, row.comment, row.changes) == (cleo, "create", "", "", promised)
    assert (ticket.version, ticket.created_at, ticket.updated_at) == (1, row.created_at, row.created_at)
    assert (ticket.created_by, list(ticket.assigned_to.all())) == (cleo, [])


def test_title_and_description_are_enough(api: Api, cleo: User) -> None:
    answer = api(cleo).post(URL, WORDS).json()
    left_out = {
        "project_name": "",
        "category": "OTHER",
        "priority": "MEDIUM",
        "tags": [],
        "status": "NEW",
        "version": 1,
    }
    assert answer | left_out == answer
    assert answer["number"] == f"INC-{answer['id']:06d}"
    assert answer["sla"] == {"response": "ok", "resolution": "ok"}
    assert answer["allowed_actions"] == ["cancel", *ALWAYS]
    times = ("first_responded_at", "estimated_resolution_time", "opened_at")
    assert {answer[name] for name in (*times, "started_at", "resolved_at", "closed_at")} == {None}


def test_an_admin_raises_a_ticket_and_only_the_other_admins_are_told(api: Api, ada: User) -> None:
    (other,) = newcomers(Role.ADMIN, 1)
    with tells((other, "ticket_created", "admin")):
        assert api(ada).post(URL, WORDS).json()["allowed_actions"] == ["open_ticket", "assign", "cancel", *ALWAYS]


def test_a_developer_does_not_raise_tickets(api: Api, ada: User, dan: User) -> None:
    for body in (WORDS, {}):
        assert refused(403, api(dan).post, URL, body)["code"] == "permission_denied"


@pytest.mark.django_db
def test_nobody_raises_a_ticket_without_signing_in(anonymous: ApiClient) -> None:
    for body in (WORDS, {}):
        assert refused(401, anonymous.post, URL, body)["code"] == "not_authenticated"


def test_what_is_missing_is_named(api: Api, ada: User, cleo: User) -> None:
    assert refused(400, api(cleo).post, URL, {}) == {"title": REQUIRED, "description": REQUIRED}


@pytest.mark.parametrize(
    ("field", "given", "stored"),
    [
        ("title", "x" * 200, "x" * 200),
        ("title", f"  {'x' * 200} ", "x" * 200),
        ("title", "one\n line\t only", "one line only"),
        ("title", "<b>“Grüße” 👍</b>", "<b>“Grüße” 👍</b>"),
        ("description", "x" * 20_000, "x" * 20_000),
        ("description", " two\n\nparagraphs \n", "two\n\nparagraphs"),
        ("project_name", " A   shop ", "A shop"),
        ("project_name", "x" * 120, "x" * 120),
        ("tags", ["b", "A", " a "], ["a", "b"]),
        ("tags", ["x" * 40], ["x" * 40]),
        ("tags", [f"tag {number:02}" for number in range(20)], [f"tag {number:02}" for number in range(20)]),
    ],
)
def test_what_fits_is_stored(api: Api, cleo: User, field: str, given: object, stored: object) -> None:
    response = unchecked(api(cleo)).post(URL, WORDS | {field: given})
    assert response.status_code == 201
    assert response.json()[field] == stored


@pytest.mark.parametrize(("field", "wrong"), WRONG_WORDS)
def test_what_does_not_fit_is_refused_by_name(api: Api, ada: User, cleo: User, field: str, wrong: Any) -> None:
    assert set(refused(400, api(cleo).post, URL, WORDS | {field: wrong})) == {field}


@pytest.mark.parametrize(
    "field",
    ["id", "number", "status", "created_by", "assigned_to", "version", "resolution_due_at", "opened_at", "nonsense"],
)
def test_other_fields_are_refused_by_name(api: Api, ada: User, cleo: User, field: str) -> None:
    assert refused(400, api(cleo).post, URL, WORDS | {field: "1"}) == {field: NOT_ACCEPTED}


@pytest.mark.parametrize(
    "body",
    [
        *("", "[]", "null", '"x"', "1", "{", "nonsense", "[" * 100_000, '{"title": NaN}', b'{"title": "\xff"}'),
        r'{"title": "\ud800", "description": "x"}',
        r'{"title": "x", "description": "x", "\ud800": 1}',
        r'{"title": "x", "description": "x", "category": "\ud800"}',
        '{"description": "x", "title": ' + "9" * 5_000 + "}",
    ],
    ids=range(14),
)
def test_absurd_bodies_are_refused(api: Api, ada: User, cleo: User, body: str) -> None:
    refused(400, api(cleo).post, URL, body, content_type="application/json")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_only_json_is_read(api: Api, ada: User, cleo: User, kind: str) -> None:
    answer = refused(415, api(cleo).post, URL, "title=x&description=y", content_type=kind)
    assert answer["code"] == "unsupported_media_type"


def test_a_tag_is_shared_by_those_who_use_it(api: Api, cleo: User, carl: User) -> None:
    for user in (cleo, carl):
        assert api(user).post(URL, WORDS | {"tags": ["Checkout"]}).status_code == 201
    assert [(tag.name, tag.tickets.count()) for tag in Tag.objects.all()] == [("checkout", 2)]


def test_it_takes_as_many_queries_for_many_admins_as_for_one(api: Api, ada: User, cleo: User) -> None:
    client = api(cleo)
    queries(lambda: client.post(URL, WORDS))  # the first makes Ada's feed
    few = queries(lambda: client.post(URL, WORDS))
    newcomers(Role.ADMIN, 20)
    queries(lambda: client.post(URL, WORDS))
    assert queries(lambda: client.post(URL, WORDS)) == few
