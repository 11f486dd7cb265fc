"""POST /api/auth/login/"""

import json
import logging
from typing import Any

import pytest
from django.contrib.auth.hashers import BasePasswordHasher, get_hasher
from rest_framework.test import APIClient

from core.models import LoginAttempt, Session, User
from tests.api.auth.calls import PASSWORD, login, me

REFUSED = {"detail": "No active account found with these credentials.", "code": "invalid_credentials"}


def test_a_username_signs_in(anonymous: APIClient, dan: User) -> None:
    response = login(anonymous, "dan")
    assert response.status_code == 200
    assert set(response.json()) == {"access", "refresh", "user"}
    assert response.json()["user"] == {
        "id": dan.pk,
        "username": "dan",
        "email": dan.email,
        "first_name": dan.first_name,
        "last_name": dan.last_name,
        "full_name": dan.full_name,
        "role": "DEVELOPER",
        "phone_number": str(dan.phone_number),
        "locale": "en",
        "timezone": "UTC",
        "is_active": True,
    }
    assert response.json()["user"].items() <= me(anonymous, response.json()["access"]).json().items()


@pytest.mark.parametrize("change", [str, str.upper, str.title, lambda text: f" {text} "])
def test_the_case_of_a_name_or_an_address_does_not_matter(anonymous: APIClient, dan: User, change: Any) -> None:
    for name in (dan.username, dan.email):
        assert login(anonymous, change(name)).json()["user"]["id"] == dan.pk


def test_signing_in_is_noted_and_not_stored_by_caches(anonymous: APIClient, dan: User) -> None:
    assert login(anonymous, "dan").headers["Cache-Control"] == "no-store"
    dan.refresh_from_db()
    assert dan.last_login is not None


def test_a_password_keeps_its_spaces(anonymous: APIClient, dan: User) -> None:
    dan.set_password(" spaces  around ")
    dan.save()
    assert login(anonymous, "dan", " spaces  around ").status_code == 200
    assert login(anonymous, "dan", "spaces  around").status_code == 401


def test_a_stale_token_does_not_stand_in_the_way(anonymous: APIClient, dan: User) -> None:
    assert login(anonymous, "dan", HTTP_AUTHORIZATION="Bearer stale").status_code == 200


def test_every_wrong_credential_gets_the_same_answer_after_the_same_work(
    anonymous: APIClient, dan: User, dora: User, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(pk=dora.pk).update(is_active=False)
    cleo.set_unusable_password()
    cleo.save()
    hasher, hashed = type(get_hasher()), []
    encode = hasher.encode

    def counted(self: BasePasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(hasher, "encode", counted)
    for name, password in [
        ("dan", "wrong"),
        ("nobody", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("dora", PASSWORD),
        ("cleo", PASSWORD),
    ]:
        hashed.clear()
        response = login(anonymous, name, password)
        assert (response.status_code, response.json(), len(hashed)) == (401, REFUSED, 1), name
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert not Session.objects.exists()


def test_a_password_typed_as_a_name_is_kept_nowhere(
    anonymous: APIClient, dan: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    login(anonymous, "hunter2-hunter2", "hunter3-hunter3")
    tokens = login(anonymous, "dan").json()
    assert "hunter" not in LoginAttempt.objects.get().account
    for secret in ("hunter", PASSWORD, tokens["access"], tokens["refresh"]):
        assert secret not in "".join(str(record.__dict__) for record in caplog.records)


@pytest.mark.parametrize("wrong", ["", None, 17 * [1], {"a": 1}, "a\0b", "a\ud800", "x" * 1025])
@pytest.mark.parametrize("field", ["username", "password"])
@pytest.mark.django_db
def test_bad_input_is_named(anonymous: APIClient, field: str, wrong: object) -> None:
    body = {"username": "dan", "password": PASSWORD} | {field: wrong}
    response = anonymous.post("/api/auth/login/", json.dumps(body), content_type="application/json")
    assert response.status_code == 400
    assert set(response.json()) == {field}


@pytest.mark.parametrize("body", ["[]", "null", "1", '"dan"', "{", "", '{"username": "dan"}'])
@pytest.mark.django_db
def test_a_body_that_is_no_login_is_refused(anonymous: APIClient, body: str) -> None:
    response = anonymous.post("/api/auth/login/", body, content_type="application/json")
    assert response.status_code == 400


@pytest.mark.django_db
def test_only_posting_signs_in(anonymous: APIClient) -> None:
    assert anonymous.get("/api/auth/login/").status_code == 405
