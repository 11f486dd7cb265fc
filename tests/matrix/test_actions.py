"""Every row of the action table, by everybody, on own and foreign tickets, in every status."""

from itertools import product
from typing import Any

import pytest

from core.domain.transitions import ACTIONS as PRODUCT
from core.models import NotificationLog, Role, Status, Ticket, TicketHistory, User, Watch
from tests.conftest import MakeTicket, person
from tests.matrix.contract import ACTIONS, ANY, expected
from tests.matrix.world import led_to, undone
from tests.openapi import ApiClient
from tests.tickets import URL, Api

pytestmark = pytest.mark.django_db

CREATORS = ("cleo", "ada")
PEOPLE = ("ada", "dan", "dora", "will", "cleo", "carl")


@pytest.fixture
def people(ada: User, dan: User, dora: User, cleo: User, carl: User) -> dict[str, User]:
    """Ada is admin; Dan is assigned, Will watches, Dora has nothing to do with it; two clients."""
    will = person("will", Role.DEVELOPER, 7)
    return {user.username: user for user in (ada, dan, dora, will, cleo, carl)}


@pytest.fixture
def tickets(make_ticket: MakeTicket, people: dict[str, User]) -> dict[tuple[str, Status], Ticket]:
    """Cleo's and Ada's tickets in every status."""
    made = {
        (creator, status): led_to(make_ticket, status, people[creator], people["dan"])
        for creator in CREATORS
        for status in Status
    }
    watches = [Watch(ticket=ticket, user=people["will"], created_at=ticket.created_at) for ticket in made.values()]
    Watch.objects.bulk_create(watches)
    return made


@pytest.fixture
def clients(api: Api, people: dict[str, User]) -> dict[str, ApiClient]:
    return {name: api(user) for name, user in people.items()}


def parts(name: str, creator: str) -> frozenset[str]:
    played = {
        "admin": name == "ada",
        "assignee": name == "dan",
        "watcher": name == "will",
        "creator": name == creator,
    }
    found = {part for part, applies in played.items() if applies}
    return frozenset(found | {"anyone"} if found else ())


def traces() -> tuple[int, int]:
    """How much has happened so far."""
    return TicketHistory.objects.count(), NotificationLog.objects.count()


def call(client: ApiClient, action: str, ticket: Ticket, people: dict[str, User]) -> Any:
    rule = ACTIONS[action]
    body = dict(rule.body)
    if "assigned_to" in body:
        body["assigned_to"] = [people[name].pk for name in body["assigned_to"]]
    verb = f"{action}/" if rule.method == "post" else ""
    return getattr(client, rule.method)(f"{URL}{ticket.pk}/{verb}", body or None)


def test_the_contract_and_the_product_know_the_same_actions() -> None:
    assert set(PRODUCT) == set(ACTIONS) - {"", "DELETE"}
    assert set(Status) == ANY


@pytest.mark.timeout(300)
def test_every_action(
    people: dict[str, User],
    clients: dict[str, ApiClient],
    anonymous: ApiClient,
    tickets: dict[tuple[str, Status], Ticket],
) -> None:
    before = traces()
    wrong = []
    for action, (where, ticket), name in product(ACTIONS, tickets.items(), PEOPLE):
        with undone():
            response = call(clients[name], action, ticket, people)
            if problem := mistake(response.status_code, action, name, where, ticket, before):
                wrong.append(f"{name} {action or 'PATCH'} on {where}: {problem}")
    for action in ACTIONS:
        assert call(anonymous, action, ticket, people).status_code == 401
    assert not wrong, "\n".join(wrong)
    assert traces() == before


def mistake(
    found: int, action: str, name: str, where: tuple[str, Status], ticket: Ticket, before: object
) -> str | None:
    """What is wrong with an answer, if anything."""
    creator, status = where
    code = expected(action, parts(name, creator), status)
    if found != code:
        return f"{found}, not {code}"
    if code >= 400:
        return "refused, but something happened" if traces() != before else None
    now = Ticket.objects.values_list("status", flat=True).get(pk=ticket.pk)
    return None if now == ACTIONS[action].to.get(status, status) else f"leads to {now}"


def test_what_is_allowed_is_what_is_said_to_be(
    people: dict[str, User], clients: dict[str, ApiClient], tickets: dict[tuple[str, Status], Ticket]
) -> None:
    for (creator, status), ticket in tickets.items():
        for name in PEOPLE:
            played = parts(name, creator)
            if played:
                said = clients[name].get(f"{URL}{ticket.pk}/").json()["allowed_actions"]
                allowed = {action for action in PRODUCT if expected(action, played, status) < 300}
                assert set(said) == allowed, (name, creator, status)
