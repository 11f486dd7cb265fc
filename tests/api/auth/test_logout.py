"""POST /api/auth/logout/"""

from typing import Any

import pytest
from rest_framework.test import APIClient

from core.actions import sessions
from core.models import User
from tests.api.auth.calls import me, refresh, sessions_of


def logout(client: APIClient, found: sessions.Tokens, **body: Any) -> Any:
    return client.post("/api/auth/logout/", body, HTTP_AUTHORIZATION=f"Bearer {found.access}")


def test_signing_out_ends_this_session_at_once_and_no_other(anonymous: APIClient, dan: User) -> None:
    here, there = sessions.start(user=dan), sessions.start(user=dan)
    response = logout(anonymous, here, refresh=here.refresh)
    assert (response.status_code, response.content) == (205, b"")
    for refused in (me(anonymous, here.access), refresh(anonymous, here.refresh)):
        assert (refused.status_code, refused.json()["code"]) == (401, "session_ended")
    assert me(anonymous, there.access).status_code == 200
    assert refresh(anonymous, there.refresh).status_code == 200


def test_any_refresh_token_of_the_session_will_do(anonymous: APIClient, dan: User) -> None:
    first = sessions.start(user=dan)
    sessions.refresh(token=first.refresh)
    assert logout(anonymous, first, refresh=first.refresh).status_code == 205
    assert sessions_of(dan) == []


def test_nobody_signs_out_without_being_signed_in(anonymous: APIClient, dan: User) -> None:
    response = anonymous.post("/api/auth/logout/", {"refresh": sessions.start(user=dan).refresh})
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert len(sessions_of(dan)) == 1


def test_signing_out_twice_is_refused(anonymous: APIClient, dan: User) -> None:
    found = sessions.start(user=dan)
    logout(anonymous, found, refresh=found.refresh)
    assert logout(anonymous, found, refresh=found.refresh).status_code == 401


def test_a_token_of_another_session_ends_nothing(anonymous: APIClient, dan: User, dora: User) -> None:
    here = sessions.start(user=dan)
    for other in (sessions.start(user=dan), sessions.start(user=dora)):
        response = logout(anonymous, here, refresh=other.refresh)
        assert response.status_code == 400
        assert response.json() == {"refresh": ["This token belongs to another session."]}
    assert (len(sessions_of(dan)), len(sessions_of(dora))) == (2, 1)


def test_what_is_no_refresh_token_ends_nothing(anonymous: APIClient, dan: User) -> None:
    here = sessions.start(user=dan)
    for text in ("x", here.access):
        response = logout(anonymous, here, refresh=text)
        assert (response.status_code, response.json()) == (400, {"refresh": ["Token is invalid or expired."]})
    assert len(sessions_of(dan)) == 1


@pytest.mark.parametrize("body", [{}, {"refresh": ""}, {"refresh": None}, {"refresh": "x" * 2049}])
def test_bad_input_is_named(anonymous: APIClient, dan: User, body: dict[str, object]) -> None:
    response = logout(anonymous, sessions.start(user=dan), **body)
    assert response.status_code == 400
    assert set(response.json()) == {"refresh"}
    assert len(sessions_of(dan)) == 1
