"""Errors: never HTML under /api/, plain pages elsewhere."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from core.views import errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict() -> Client:
    """Looks for CSRF tokens as a real server does; Django's test client leaves that out by default."""
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("path", ["/api/", "/api/nothing", "/api/nothing/", "/api/tickets/1/nothing/"])
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_unknown_paths_of_the_api_are_json(
    strict: Client, settings: Settings, path: str, debug: bool, method: str
) -> None:
    settings.DEBUG = debug
    response: HttpResponse = getattr(strict, method)(path)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"
    assert b'"code": "not_found"' in response.content


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/api/tickets", "/api/tickets/7", "/api/auth/login"])
def test_a_missing_slash_is_named(strict: Client, method: str, path: str) -> None:
    response: HttpResponse = getattr(strict, method)(path)
    assert response.status_code == 404
    body = json.loads(response.content)
    assert body["code"] == "not_found"
    assert f"{path}/ with a slash at its end" in body["detail"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics", "/dev/outbox/", "/n/key/"])
def test_pages_and_probes_are_for_reading(strict: Client, method: str, path: str) -> None:
    response: HttpResponse = getattr(strict, method)(path)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


def test_a_form_without_its_token_is_refused_on_a_page_that_helps(strict: Client) -> None:
    response = strict.post("/admin/login/", {"username": "ada", "password": "x"})
    assert response.status_code == 403
    assert "reload and try again" in response.content.decode()


def test_other_unknown_paths_are_a_page(client: Client) -> None:
    response = client.get("/nothing/")
    assert response.status_code == 404
    assert "There is nothing at this address." in response.content.decode()


@pytest.mark.parametrize("debug", [False, True])
def test_a_host_that_is_not_ours_is_a_400_of_the_usual_shape(client: Client, settings: Settings, debug: bool) -> None:
    settings.DEBUG = debug
    response = client.get("/api/nothing/", headers={"host": "evil.example.com"})
    assert response.status_code == 400
    assert response.json() == {"non_field_errors": ["The request could not be understood."]}


@pytest.mark.parametrize(("path", "kind"), [("/api/x/", "application/json"), ("/x/", "text/html; charset=utf-8")])
def test_every_handler_answers_both_ways(rf: RequestFactory, path: str, kind: str) -> None:
    request: HttpRequest = rf.get(path)
    for response, status in (
        (errors.bad_request(request, Exception()), 400),
        (errors.permission_denied(request, PermissionDenied()), 403),
        (errors.csrf_failure(request, reason="no cookie"), 403),
        (errors.not_found(request), 404),
        (errors.server_error(request), 500),
    ):
        assert (response.status_code, response["Content-Type"]) == (status, kind)
