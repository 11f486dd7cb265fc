"""`Authorization: Bearer …`: who is let in, and with which code others are not."""

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from django.conf import settings
from django.utils.timezone import now
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework_simplejwt.tokens import AccessToken

from core.actions import sessions
from core.authentication import session_of
from core.domain.errors import SignInRefused
from core.models import Session, User
from tests.api.auth.calls import me


def get(client: APIClient, header: str) -> tuple[int, str]:
    """The status of GET me and the code of its refusal."""
    response = client.get("/api/auth/me/", HTTP_AUTHORIZATION=header)
    if response.status_code == 401:
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
        assert set(response.json()) == {"detail", "code"}
    return response.status_code, response.json().get("code", "")


def signed(user: User, *, key: str | None = None, algorithm: str = "HS256", **claims: Any) -> str:
    """An access token of this person's newest session, but for what is given."""
    payload = {
        "token_type": "access",
        "exp": int((now() + timedelta(minutes=5)).timestamp()),
        "jti": uuid4().hex,
        "user_id": str(user.pk),
        "sid": user.sessions.latest("created_at").pk.hex,
    }
    payload = {name: value for name, value in (payload | claims).items() if value is not None}
    return jwt.encode(payload, settings.JWT_SIGNING_KEY if key is None else key, algorithm=algorithm)


def test_the_scheme_is_read_in_any_case(anonymous: APIClient, dan: User) -> None:
    access = sessions.start(user=dan).access
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert get(anonymous, f"{scheme} {access}") == (200, "")


@pytest.mark.parametrize("header", ["", " ", "Basic ZGFuOmRlbW8=", "Token x", "BearerX y"])
@pytest.mark.django_db
def test_another_scheme_is_no_sign_in(anonymous: APIClient, header: str) -> None:
    assert get(anonymous, header) == (401, "not_authenticated")


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer a b",
        "Bearer ä.ö.ü",
        "Bearer \0",
        "Bearer " + "x" * 100_000,
        # JSON so deep that reading it would exhaust the stack, and a number that Python refuses to read.
        "Bearer " + base64.urlsafe_b64encode(b"[" * 1500).decode().rstrip("=") + ".e30.x",
        "Bearer " + base64.urlsafe_b64encode(b'{"alg":' + b"[" * 1000).decode().rstrip("=") + ".e30.x",
        "Bearer " + base64.urlsafe_b64encode(b"[]").decode().rstrip("=") + ".e30.x",
    ],
)
@pytest.mark.django_db
def test_what_is_no_token_is_refused(anonymous: APIClient, header: str) -> None:
    assert get(anonymous, header) == (401, "token_invalid")


def test_a_token_between_others_is_refused(anonymous: APIClient, dan: User) -> None:
    access = sessions.start(user=dan).access
    assert get(anonymous, f"Bearer {access} {access}") == (401, "token_invalid")
    assert get(anonymous, f"Bearer Bearer {access}") == (401, "token_invalid")


def test_a_refresh_token_opens_nothing(anonymous: APIClient, dan: User) -> None:
    assert get(anonymous, f"Bearer {sessions.start(user=dan).refresh}") == (401, "token_invalid")


def test_only_our_key_and_our_algorithm_sign(anonymous: APIClient, dan: User) -> None:
    sessions.start(user=dan)
    assert get(anonymous, f"Bearer {signed(dan)}") == (200, "")
    for forged in (
        signed(dan, key="another key, but just as long as ours is"),
        signed(dan, key=settings.SECRET_KEY),
        signed(dan, key=settings.JWT_SIGNING_KEY * 2, algorithm="HS512"),
        signed(dan, key="", algorithm="none"),
    ):
        assert get(anonymous, f"Bearer {forged}") == (401, "token_invalid")


def test_our_key_with_another_algorithm_does_not_sign(anonymous: APIClient, dan: User, recwarn: Any) -> None:
    sessions.start(user=dan)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        forged = signed(dan, algorithm="HS512")
    assert get(anonymous, f"Bearer {forged}") == (401, "token_invalid")


def test_a_changed_payload_is_refused(anonymous: APIClient, dan: User, dora: User) -> None:
    header, payload, signature = sessions.start(user=dan).access.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["user_id"] = str(dora.pk)
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    assert get(anonymous, f"Bearer {header}.{payload}.{signature}") == (401, "token_invalid")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None},
        {"exp": 1},
        {"jti": None},
        {"jti": 7},
        {"token_type": None},
        {"token_type": "refresh"},
        {"sid": None},
        {"sid": "x"},
        {"sid": 7},
        {"sid": uuid4().hex},
        {"user_id": None},
        {"user_id": "x"},
        {"user_id": []},
        {"user_id": "0"},
    ],
)
def test_a_token_without_the_right_claims_is_refused(anonymous: APIClient, dan: User, claims: dict[str, Any]) -> None:
    sessions.start(user=dan)
    assert get(anonymous, f"Bearer {signed(dan, **claims)}") == (401, "token_invalid")


def test_a_session_speaks_for_its_own_person_only(anonymous: APIClient, dan: User, dora: User) -> None:
    sessions.start(user=dan)
    assert get(anonymous, f"Bearer {signed(dan, user_id=str(dora.pk))}") == (401, "token_invalid")


@pytest.mark.parametrize("when", ["ended_at", "expires_at"])
def test_a_session_that_is_over_opens_nothing(anonymous: APIClient, dan: User, when: str) -> None:
    access = sessions.start(user=dan).access
    Session.objects.update(**{when: now()})
    assert get(anonymous, f"Bearer {access}") == (401, "session_ended")


def test_a_deactivated_person_is_out_at_once(anonymous: APIClient, dan: User) -> None:
    access = sessions.start(user=dan).access
    User.objects.filter(pk=dan.pk).update(is_active=False)
    assert get(anonymous, f"Bearer {access}") == (401, "user_inactive")


def test_a_deleted_person_is_out_at_once(anonymous: APIClient, dan: User) -> None:
    access = sessions.start(user=dan).access
    dan.delete()
    assert get(anonymous, f"Bearer {access}") == (401, "token_invalid")


def test_a_changed_role_counts_at_once(anonymous: APIClient, dan: User) -> None:
    access = sessions.start(user=dan).access
    User.objects.filter(pk=dan.pk).update(role="CLIENT")
    assert me(anonymous, access).json()["role"] == "CLIENT"


def test_access_ends_after_15_minutes_whatever_the_session(dan: User) -> None:
    token = AccessToken(sessions.start(user=dan).access)  # type: ignore[arg-type]  # the encoded text is meant
    assert token["exp"] - token["iat"] == 15 * 60


def test_a_session_is_told_with_its_end(dan: User) -> None:
    found = sessions.start(user=dan)
    user, session = sessions.authenticate_access(found.access)
    assert (user, session) == (dan, found.session)
    assert session.expires_at == found.session.expires_at


@pytest.mark.django_db
def test_a_text_that_no_utf8_holds_is_no_token() -> None:
    with pytest.raises(SignInRefused, match="invalid or expired"):
        sessions.authenticate_access("\ud800")


def test_a_view_that_forgot_to_ask_for_a_session_lets_nobody_in() -> None:
    with pytest.raises(NotAuthenticated):
        session_of(Request(APIRequestFactory().get("/")))
