"""Who gets into the admin site, how often one may guess, and who is out at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.actions import accounts, login_throttle
from core.models import Role, User
from tests.conftest import PASSWORD, person
from tests.openapi import ApiClient

LOGIN = "/admin/login/"


def guess(times: int) -> Client:
    client = Client()
    for _ in range(times):
        client.post(LOGIN, {"username": "ada", "password": "wrong"})
    return client


def refused(client: Client) -> bool:
    response = client.post(LOGIN, {"username": "ada", "password": PASSWORD})
    return "Too many attempts" in response.content.decode()


def test_an_admin_signs_in_with_the_password(ada: User) -> None:
    response = Client().post(LOGIN, {"username": "ada", "password": PASSWORD, "next": "/admin/"})
    assert (response.status_code, response["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("role", [Role.CLIENT, Role.DEVELOPER])
def test_nobody_else_gets_in(role: Role, cleo: User) -> None:
    User.objects.filter(pk=cleo.pk).update(role=role)
    client = Client()
    response = client.post(LOGIN, {"username": "cleo", "password": PASSWORD})
    assert response.status_code == 200
    assert client.get("/admin/core/ticket/").status_code == 302


def test_guessing_at_the_admin_site_is_limited_like_at_the_api(ada: User) -> None:
    assert refused(guess(login_throttle.ACCOUNT_LIMIT))


def test_an_empty_password_does_not_make_the_wrong_ones_forgotten(ada: User) -> None:
    client = guess(login_throttle.ACCOUNT_LIMIT - 1)
    client.post(LOGIN, {"username": "ada", "password": ""})
    client.post(LOGIN, {"username": "ada", "password": "wrong"})
    assert refused(client)


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.CLIENT}])
def test_an_admin_who_is_deactivated_or_demoted_is_out_at_once(change: dict[str, Any], site: Client, ada: User) -> None:
    assert site.get("/admin/").status_code == 200
    person("eve", Role.ADMIN, 6)  # the last admin would stay
    for name, value in change.items():
        setattr(ada, name, value)
    accounts.save(account=ada, fields=list(change))
    for path in ("/admin/", "/admin/core/user/", "/admin/password_change/"):
        response = site.get(path)
        assert (response.status_code, response["Location"].split("?")[0]) == (302, LOGIN)


def test_the_site_is_not_opened_by_an_api_token(api: Callable[[User], ApiClient], ada: User) -> None:
    assert api(ada).get("/admin/").status_code == 302
