"""Every route of a conversation, by everybody: what counts is who is in it, not the role."""

from typing import Any

import pytest

from core.models import Conversation, Role, User, Watch
from tests.conftest import MakeTicket, person
from tests.conversations import direct, room_of, say, url
from tests.matrix.world import undone
from tests.openapi import ApiClient
from tests.tickets import Api

pytestmark = pytest.mark.django_db

# What members get, and the author of the message where that differs.
ROUTES: dict[str, tuple[int, int, Any]] = {
    "get ": (200, 200, None),
    "get messages": (200, 200, None),
    "post messages": (201, 201, {"body": "Hello?"}),
    "post read": (200, 200, None),
    "patch message": (403, 200, {"body": "Hello!"}),
    "delete message": (403, 204, None),
}
MEMBERS = {
    "direct": {"cleo", "dan"},
    "room": {"cleo", "dan", "will", "ada", "anna"},
    "staff": {"ada", "anna", "dora"},
}


@pytest.fixture
def people(ada: User, dan: User, dora: User, cleo: User, carl: User) -> dict[str, User]:
    """Ada and Anna are admins; Dan is assigned to Cleo's ticket, Will watches it, Dora is not on it; two clients."""
    others = person("will", Role.DEVELOPER, 7), person("anna", Role.ADMIN, 8)
    return {user.username: user for user in (ada, dan, dora, cleo, carl, *others)}


@pytest.fixture
def talks(people: dict[str, User], make_ticket: MakeTicket) -> dict[str, Conversation]:
    """Of two; the room of Cleo's ticket; and of a ticket that Ada raised for Dora."""
    ticket = make_ticket(assigned_to=[people["dan"]])
    Watch.objects.create(ticket=ticket, user=people["will"], created_at=ticket.created_at)
    other = make_ticket(created_by=people["ada"], assigned_to=[people["dora"]])
    return {"direct": direct(people["cleo"], people["dan"]), "room": room_of(ticket), "staff": room_of(other)}


def call(client: ApiClient, route: str, where: Conversation, message: int, body: Any) -> int:
    method, _, what = route.partition(" ")
    path = url(where, f"messages/{message}" if what == "message" else what)
    code: int = getattr(client, method)(path, body).status_code
    return code


def test_every_route_by_everybody(
    api: Api, anonymous: ApiClient, people: dict[str, User], talks: dict[str, Conversation]
) -> None:
    clients = {name: api(user) for name, user in people.items()}
    wrong = []
    for kind, conversation in talks.items():
        author = min(MEMBERS[kind])
        message = say(conversation, people[author]).pk
        for route, (member, own, body) in ROUTES.items():
            assert call(anonymous, route, conversation, message, body) == 401
            for name, client in clients.items():
                code = 404 if name not in MEMBERS[kind] else own if name == author else member
                with undone():
                    found = call(client, route, conversation, message, body)
                if found != code:
                    wrong.append(f"{name}, {route} of {kind}: {found}, not {code}")
    assert not wrong, "\n".join(wrong)


def test_everybody_lists_exactly_what_one_is_a_member_of(
    api: Api, people: dict[str, User], talks: dict[str, Conversation]
) -> None:
    for name, user in people.items():
        listed = {row["id"] for row in api(user).get("/api/conversations/").json()["results"]}
        assert listed == {talks[kind].pk for kind, members in MEMBERS.items() if name in members}, name
