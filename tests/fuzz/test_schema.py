"""Calls made up from the OpenAPI schema, good and bad ones, by everybody: no server error, nothing undocumented."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks as openapi_checks

from core.actions import sessions
from core.models import NotificationLog, Role, Status, User
from tests.conftest import MakeTicket, person
from tests.openapi import document

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
EXAMPLES = 15


@cache
def schema() -> Any:
    return schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """As Django's own test client does it: the transaction of the test outlives a request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def tokens(ada: User, dan: User, cleo: User) -> list[dict[str, str]]:
    """The headers of one person of each role."""
    return [{"Authorization": f"Bearer {sessions.start(user=user).access}"} for user in (ada, dan, cleo)]


@pytest.fixture
def ids(make_ticket: MakeTicket, cleo: User, dan: User) -> dict[str, list[int]]:
    """Keys of what there is, by the word that its paths begin with."""
    tickets = [make_ticket(status, assigned_to=[dan]).pk for status in (Status.OPEN, Status.RESOLVED)]
    other = person("olga", Role.CLIENT, 8)
    return {
        "tickets": tickets,
        "notifications": list(NotificationLog.objects.values_list("pk", flat=True)[:20]),
        "users": [other.pk, cleo.pk],
    }


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def cases(operation: APIOperation[Any, Any, Any, Any]) -> st.SearchStrategy[Any]:
    """Three good calls for each bad one, where the operation can be called badly at all."""
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    takes_anything = operation.body or operation.query or operation.path_parameters
    return (
        st.one_of(good, good, good, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        if (takes_anything)
        else good
    )


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("path", "verb"), OPERATIONS)
def test_operation(path: str, verb: str, tokens: list[dict[str, str]], ids: dict[str, list[int]]) -> None:
    operation = schema()[path][verb.upper()]
    real = ids.get(path.split("/")[2], [1])

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases(operation), headers=st.sampled_from(tokens), key=st.sampled_from(real), exists=st.booleans())
    def call(case: Any, headers: dict[str, str], key: int, exists: bool) -> None:
        if exists and "id" in (case.path_parameters or {}) and case.meta.generation.mode.is_positive:
            case.path_parameters["id"] = key
        with undone():
            case.call_and_validate(headers=headers, checks=CHECKS)

    run: Callable[[], None] = call
    run()
