"""POST /api/auth/change_password/"""

from typing import Any

import pytest
from rest_framework.test import APIClient

from core.actions import sessions
from core.actions.login_throttle import ACCOUNT_LIMIT
from core.models import LoginAttempt, User
from tests.api.auth.calls import PASSWORD, fail, login, me, refresh, sessions_of

NEW = "a much better one"


def change(client: APIClient, found: sessions.Tokens, old: Any = PASSWORD, new: Any = NEW) -> Any:
    return client.post(
        "/api/auth/change_password/",
        {"old_password": old, "new_password": new},
        HTTP_AUTHORIZATION=f"Bearer {found.access}",
    )


def test_the_new_password_signs_in_and_the_old_one_does_not(anonymous: APIClient, dan: User) -> None:
    response = change(anonymous, sessions.start(user=dan), new=f" {NEW} ")
    assert (response.status_code, response.json()) == (200, {"message": "Password changed."})
    assert login(anonymous, "dan", f" {NEW} ").status_code == 200
    assert login(anonymous, "dan", NEW).status_code == 401
    assert login(anonymous, "dan", PASSWORD).status_code == 401


def test_every_other_session_of_this_person_ends_and_this_one_stays(
    anonymous: APIClient, dan: User, dora: User
) -> None:
    here, there, hers = sessions.start(user=dan), sessions.start(user=dan), sessions.start(user=dora)
    assert change(anonymous, here).status_code == 200
    for kept in (here, hers):
        assert me(anonymous, kept.access).status_code == 200
        assert refresh(anonymous, kept.refresh).status_code == 200
    for refused in (me(anonymous, there.access), refresh(anonymous, there.refresh)):
        assert (refused.status_code, refused.json()["code"]) == (401, "session_ended")


def test_a_wrong_old_password_changes_nothing(anonymous: APIClient, dan: User) -> None:
    here, _there = sessions.start(user=dan), sessions.start(user=dan)
    response = change(anonymous, here, old="wrong")
    assert response.status_code == 400
    assert response.json() == {"old_password": ["This is not your current password."]}
    assert len(sessions_of(dan)) == 2
    assert login(anonymous, "dan", PASSWORD).status_code == 200


@pytest.mark.parametrize("weak", ["short", "password123", "dan@example.com"])
def test_a_weak_new_password_is_refused_and_counts_as_no_guess(anonymous: APIClient, dan: User, weak: str) -> None:
    here, _there = sessions.start(user=dan), sessions.start(user=dan)
    for _ in range(ACCOUNT_LIMIT + 1):
        response = change(anonymous, here, new=weak)
        assert response.status_code == 400
        assert set(response.json()) == {"new_password"}
    assert len(sessions_of(dan)) == 2
    assert not LoginAttempt.objects.exists()


def test_a_stolen_access_token_is_no_way_to_guess(anonymous: APIClient, dan: User) -> None:
    here = sessions.start(user=dan)
    fail(anonymous, dan.email, times=ACCOUNT_LIMIT - 1)
    assert change(anonymous, here, old="wrong").status_code == 400
    response = change(anonymous, here)
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert int(response.headers["Retry-After"]) > 0
    assert login(anonymous, "dan").status_code == 429


@pytest.mark.parametrize("wrong", ["", None, ["x"], "a\0b", "x" * 1025])
@pytest.mark.parametrize("field", ["old", "new"])
def test_bad_input_is_named(anonymous: APIClient, dan: User, field: str, wrong: object) -> None:
    response = change(anonymous, sessions.start(user=dan), **{field: wrong})
    assert response.status_code == 400
    assert set(response.json()) == {f"{field}_password"}


@pytest.mark.django_db
def test_nobody_changes_a_password_without_being_signed_in(anonymous: APIClient) -> None:
    response = anonymous.post("/api/auth/change_password/", {"old_password": PASSWORD, "new_password": NEW})
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
