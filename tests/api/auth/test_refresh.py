"""POST /api/auth/refresh/"""

from datetime import timedelta

import pytest
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken as SignedToken

from core.actions import sessions
from core.models import RefreshToken, Session, User
from tests.api.auth.calls import me, refresh, sessions_of, spent_moves


def test_a_refresh_token_is_exchanged_for_the_next_pair(anonymous: APIClient, dan: User) -> None:
    first = sessions.start(user=dan)
    response = refresh(anonymous, first.refresh)
    assert response.status_code == 200
    assert set(response.json()) == {"access", "refresh"}
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json()["refresh"] != first.refresh
    assert me(anonymous, response.json()["access"]).json()["id"] == dan.pk
    assert refresh(anonymous, response.json()["refresh"]).status_code == 200
    assert Session.objects.count() == 1


def test_refreshing_lets_the_session_live_on(anonymous: APIClient, dan: User) -> None:
    found = sessions.start(user=dan)
    Session.objects.update(expires_at=now() + timedelta(minutes=1))
    assert refresh(anonymous, found.refresh).status_code == 200
    assert Session.objects.get().expires_at > now() + timedelta(days=6, hours=23)


def test_the_session_outlives_its_newest_refresh_token_by_nothing(dan: User) -> None:
    found = sessions.refresh(token=sessions.start(user=dan).refresh)
    expires = SignedToken(found.refresh)["exp"]  # type: ignore[arg-type]  # the library means the encoded text
    assert found.session.expires_at.timestamp() == pytest.approx(expires, abs=2)


def test_a_stale_access_token_does_not_stand_in_the_way(anonymous: APIClient, dan: User) -> None:
    anonymous.credentials(HTTP_AUTHORIZATION="Bearer stale")
    assert refresh(anonymous, sessions.start(user=dan).refresh).status_code == 200


def test_a_token_spent_just_now_is_refused_and_harms_nobody(anonymous: APIClient, dan: User) -> None:
    first = sessions.start(user=dan)
    second = refresh(anonymous, first.refresh).json()
    spent_moves(timedelta(seconds=-25))
    response = refresh(anonymous, first.refresh)
    assert (response.status_code, response.json()["code"]) == (401, "token_rotated")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert me(anonymous, second["access"]).status_code == 200
    assert refresh(anonymous, second["refresh"]).status_code == 200


def test_a_token_spent_long_ago_ends_its_whole_family_and_no_other(anonymous: APIClient, dan: User) -> None:
    other = sessions.start(user=dan)
    first = sessions.start(user=dan)
    second = refresh(anonymous, first.refresh).json()
    spent_moves(timedelta(seconds=-31))
    for token in (first.refresh, second["refresh"]):
        response = refresh(anonymous, token)
        assert (response.status_code, response.json()["code"]) == (401, "session_ended")
    response = me(anonymous, second["access"])
    assert (response.status_code, response.json()["code"]) == (401, "session_ended")
    assert sessions_of(dan) == [other.session]
    assert me(anonymous, other.access).status_code == 200


def test_a_deleted_person_is_refused(anonymous: APIClient, dan: User) -> None:
    found = sessions.start(user=dan)
    dan.delete()
    response = refresh(anonymous, found.refresh)
    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")


def test_a_deactivated_person_is_refused(anonymous: APIClient, dan: User) -> None:
    found = sessions.start(user=dan)
    User.objects.filter(pk=dan.pk).update(is_active=False)
    response = refresh(anonymous, found.refresh)
    assert (response.status_code, response.json()["code"]) == (401, "user_inactive")
    assert RefreshToken.objects.get().spent_at is None


@pytest.mark.parametrize("when", ["ended_at", "expires_at"])
def test_a_session_that_is_over_is_refused(anonymous: APIClient, dan: User, when: str) -> None:
    found = sessions.start(user=dan)
    Session.objects.update(**{when: now()})
    response = refresh(anonymous, found.refresh)
    assert (response.status_code, response.json()["code"]) == (401, "session_ended")


def test_an_expired_token_is_refused(anonymous: APIClient, dan: User) -> None:
    token = SignedToken(sessions.start(user=dan).refresh)  # type: ignore[arg-type]  # see above
    token.set_exp(lifetime=timedelta(seconds=-1))
    response = refresh(anonymous, str(token))
    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")


def test_an_access_token_refreshes_nothing(anonymous: APIClient, dan: User) -> None:
    response = refresh(anonymous, sessions.start(user=dan).access)
    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")


@pytest.mark.parametrize("token", ["x", "a.b.c", "ä" * 2048])
@pytest.mark.django_db
def test_what_is_no_token_of_ours_is_refused(anonymous: APIClient, token: str) -> None:
    response = refresh(anonymous, token)
    assert (response.status_code, response.json()["code"]) == (401, "token_invalid")


@pytest.mark.parametrize("body", [{}, {"refresh": ""}, {"refresh": None}, {"refresh": "x" * 2049}, {"refresh": "\0"}])
@pytest.mark.django_db
def test_bad_input_is_named(anonymous: APIClient, body: dict[str, object]) -> None:
    response = anonymous.post("/api/auth/refresh/", body)
    assert response.status_code == 400
    assert set(response.json()) == {"refresh"}


def test_refreshing_takes_few_queries(
    anonymous: APIClient, dan: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token = sessions.start(user=dan).refresh
    with django_assert_num_queries(6):  # of which 2 are the test's savepoint
        assert refresh(anonymous, token).status_code == 200
