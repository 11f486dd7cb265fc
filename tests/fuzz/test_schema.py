"""Calls made up from the OpenAPI schema, good and bad ones, by everybody: no server error, nothing undocumented."""

from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from itertools import product
from typing import Any

import pytest
import schemathesis
from django.core.files import File
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks as openapi_checks

from core.actions import attachments, sessions, tickets
from core.domain.transitions import TRANSITIONS, allowed_actions, part_of
from core.models import NotificationLog, Role, Status, Ticket, User
from tests.conftest import MakeTicket, person
from tests.conversations import room_of, say
from tests.matrix.world import undone
from tests.openapi import document
from tests.questions import ask, reply
from tests.stack import stack

pytestmark = pytest.mark.django_db

CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.response_headers_conformance,
]
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [(path, verb) for path, item in document()["paths"].items() for verb in METHODS if verb in item]
EXAMPLES = 15 if stack() == "embedded" else 5  # of each operation; most that is wrong with a call no database sees
application = get_wsgi_application()


def read_whole(environ: Any, start_response: Any) -> list[bytes]:
    """The product, for a client that does not close what it downloads."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


@cache
def schema() -> Any:
    return schemathesis.openapi.from_wsgi("/api/schema/?format=json", read_whole)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """As Django's own test client does it: the transaction of the test outlives a request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def people(ada: User, dan: User, cleo: User) -> dict[User, dict[str, str]]:
    """One person of each role, and its headers."""
    return {user: {"Authorization": f"Bearer {sessions.start(user=user).access}"} for user in (ada, dan, cleo)}


@pytest.fixture
def keys(storage: object, make_ticket: MakeTicket, cleo: User, dan: User) -> dict[str, list[int]]:
    """Keys of what there is, by where a path names them; tickets in every status that a verb starts from."""
    statuses = (Status.NEW, Status.OPEN, Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED)
    made = [make_ticket(status, assigned_to=[] if status == Status.NEW else [dan]) for status in statuses]
    held = make_ticket(Status.IN_PROGRESS, assigned_to=[dan])
    tickets.hold(actor=dan, ticket_id=held.pk, comment="Waiting for the vendor.")
    file = File(BytesIO(b"What it says."), "notes.txt")
    attachment = attachments.add_attachment(actor=cleo, ticket_id=made[1].pk, file=file)
    question, said = ask(cleo), say(room_of(made[1]), cleo)
    return {
        "tickets": [ticket.pk for ticket in (*made, held)],
        "notifications": list(NotificationLog.objects.filter(recipient=cleo).values_list("pk", flat=True)[:5]),
        "users": [person("olga", Role.CLIENT, 8).pk],
        "attachments": [made[1].pk],
        "attachment": [attachment.pk],
        "conversations": [said.conversation_id],
        "message": [said.pk],
        "questions": [question.pk],
        "answers": [reply(dan, question).pk],
    }


def cases(operation: APIOperation[Any, Any, Any, Any]) -> st.SearchStrategy[Any]:
    """Three good calls for each bad one, where the operation can be called badly at all."""
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    takes_anything = operation.body or operation.query or operation.path_parameters
    return (
        st.one_of(good, good, good, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        if (takes_anything)
        else good
    )


def pairs(path: str, users: list[User], keys: list[int]) -> list[tuple[User, int]]:
    """Who on what: of a ticket's action those pairs that may succeed, else all."""
    action = path.removesuffix("/").rpartition("/")[2] if path.startswith("/api/tickets/") else ""
    return [
        (user, key) for user, key in product(users, keys) if action not in TRANSITIONS or action in allowed(user, key)
    ]


def allowed(user: User, key: int) -> list[str]:
    ticket = Ticket.objects.get(pk=key)
    assignees = ticket.assignments.values_list("user_id", flat=True)
    part = part_of(user, creator_id=ticket.created_by_id, assignee_ids=list(assignees))
    return allowed_actions(ticket, part, timezone.now())


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("path", "verb"), OPERATIONS)
def test_operation(path: str, verb: str, people: dict[User, dict[str, str]], keys: dict[str, list[int]]) -> None:
    operation = schema()[path][verb.upper()]
    kind = "attachments" if "{attachment}" in path else path.split("/")[2]
    real = keys.get(kind, [1])
    likely = st.sampled_from(pairs(path, list(people), real))
    anything = st.tuples(st.sampled_from(list(people)), st.sampled_from([*real, 999_999]))

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases(operation), pair=st.one_of(likely, likely, likely, anything))
    def call(case: Any, pair: tuple[User, int]) -> None:
        user, key = pair
        if case.path_parameters and case.meta.generation.mode.is_positive:
            case.path_parameters = {name: keys.get(name, [key])[0] for name in case.path_parameters}
        with undone():
            case.call_and_validate(headers=people[user], checks=CHECKS)

    run: Callable[[], None] = call
    run()
