"""The client of the tests notices when the schema does not say what happened."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse, JsonResponse

from core.models import User
from tests.openapi import ApiClient, check

ME = "/api/auth/me/"


@pytest.fixture
def me(api: Callable[[User], ApiClient], cleo: User) -> dict[str, Any]:
    body: dict[str, Any] = api(cleo).get(ME).json()
    return body


def answer(response: HttpResponse, *, method: str = "GET", path: str = ME, sent: str = "") -> None:
    check(method, path, sent, "application/json", response)


def test_what_is_documented_passes(me: dict[str, Any]) -> None:
    answer(JsonResponse(me))
    answer(JsonResponse({"detail": "Not found.", "code": "not_found"}, status=404), path="/api/nowhere/")
    answer(HttpResponse(status=405), method="DELETE")


def test_an_unknown_path_that_answers_is_noticed() -> None:
    with pytest.raises(AssertionError, match="GET /api/nowhere/ → 200: not in the schema"):
        answer(JsonResponse({}), path="/api/nowhere/")


def test_an_undocumented_status_is_noticed(me: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="→ 418: the schema knows"):
        answer(JsonResponse(me, status=418))


def test_an_undocumented_field_is_noticed(me: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="'password' was unexpected"):
        answer(JsonResponse(me | {"password": "secret"}))


def test_a_wrong_type_is_noticed(me: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match=r"\$\.id: 'seven' is not of type 'integer'"):
        answer(JsonResponse(me | {"id": "seven"}))


def test_a_missing_field_is_noticed(me: dict[str, Any]) -> None:
    del me["role"]
    with pytest.raises(AssertionError, match="'role' is a required property"):
        answer(JsonResponse(me))


def test_another_kind_of_body_is_noticed() -> None:
    with pytest.raises(AssertionError, match="text/html is not documented"):
        answer(HttpResponse("<h1>Hello</h1>"))
    with pytest.raises(AssertionError, match="a body is documented"):
        answer(HttpResponse())


def test_a_request_that_should_not_have_been_accepted_is_noticed(me: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match=r"request does not fit the schema:\s+\$\.first_name: 7 is not of type"):
        answer(JsonResponse(me), method="PATCH", sent='{"first_name": 7}')
