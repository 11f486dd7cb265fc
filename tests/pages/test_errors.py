"""Errors: never HTML under /api/, plain pages elsewhere."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from core.views import errors

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/api/", "/api/nothing", "/api/nothing/", "/api/tickets/1/nothing/"])
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_unknown_paths_of_the_api_are_json(
    client: Client, settings: Settings, path: str, debug: bool, method: str
) -> None:
    settings.DEBUG = debug
    response: HttpResponse = getattr(client, method)(path)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"
    assert b'"code": "not_found"' in response.content


def test_other_unknown_paths_are_a_page(client: Client) -> None:
    response = client.get("/nothing/")
    assert response.status_code == 404
    assert "There is nothing at this address." in response.content.decode()


def test_a_host_that_is_not_ours_is_a_400_of_the_usual_shape(client: Client) -> None:
    response = client.get("/api/nothing/", headers={"host": "evil.example.com"})
    assert response.status_code == 400
    assert response.json() == {"non_field_errors": ["The request could not be understood."]}


@pytest.mark.parametrize(("path", "kind"), [("/api/x/", "application/json"), ("/x/", "text/html; charset=utf-8")])
def test_every_handler_answers_both_ways(rf: RequestFactory, path: str, kind: str) -> None:
    request: HttpRequest = rf.get(path)
    for response, status in (
        (errors.bad_request(request, Exception()), 400),
        (errors.permission_denied(request, PermissionDenied()), 403),
        (errors.not_found(request), 404),
        (errors.server_error(request), 500),
    ):
        assert (response.status_code, response["Content-Type"]) == (status, kind)
