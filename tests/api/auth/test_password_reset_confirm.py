"""POST /api/auth/password_reset/confirm/"""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.signing import TimestampSigner, b62_encode
from rest_framework.test import APIClient

from core.actions import sessions
from core.models import Role, User
from core.notifications.letters import PASSWORD_RESET, USER_INVITED, Letter
from tests.api.auth.calls import PASSWORD, login, me, refresh, sessions_of
from tests.tickets import NOT_ACCEPTED

URL = "/api/auth/password_reset/confirm/"
NEW = "a much better one"
NOT_GOOD = {"token": ["This link has been used, has expired, or is not whole. Ask for a new one."]}


def confirm(client: APIClient, user: User | None = None, token: str = "", /, **changes: Any) -> Any:
    uid = str(user.pk) if user else ""
    return client.post(URL, {"uid": uid, "token": token, "new_password": NEW} | changes)


def fresh(user: User, letter: Letter = PASSWORD_RESET) -> str:
    """The token of a letter that is sent to this person now."""
    return letter.token(User.objects.get(pk=user.pk))


def assert_not_good(response: Any, user: User) -> None:
    assert (response.status_code, response.json()) == (400, NOT_GOOD)
    assert User.objects.get(pk=user.pk).password == user.password


@pytest.mark.parametrize("letter", [PASSWORD_RESET, USER_INVITED], ids=lambda letter: letter.key)
def test_it_sets_the_password_and_signs_nobody_in(anonymous: APIClient, dan: User, letter: Letter) -> None:
    response = confirm(anonymous, dan, fresh(dan, letter), new_password=f" {NEW} ")
    assert (response.status_code, response.json()) == (200, {"message": "Password set. You can sign in now."})
    assert not sessions_of(dan)
    assert login(anonymous, "dan", f" {NEW} ").status_code == 200
    assert login(anonymous, "dan", PASSWORD).status_code == 401


def test_every_session_of_this_person_ends_and_nobody_elses(anonymous: APIClient, dan: User, dora: User) -> None:
    his, hers = [sessions.start(user=dan) for _ in range(2)], sessions.start(user=dora)
    assert confirm(anonymous, dan, fresh(dan)).status_code == 200
    for found in his:
        assert me(anonymous, found.access).json()["code"] == "session_ended"
        assert refresh(anonymous, found.refresh).json()["code"] == "session_ended"
    assert me(anonymous, hers.access).status_code == 200


def sign_in(user: User) -> None:
    sessions.sign_in(username=user.username, password=PASSWORD, address="192.0.2.1")


def move(user: User) -> None:
    User.objects.filter(pk=user.pk).update(email="elsewhere@example.com")


def leave(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("meanwhile", [sign_in, move, leave])
def test_what_changes_meanwhile_ends_the_link(
    anonymous: APIClient, dan: User, meanwhile: Callable[[User], None]
) -> None:
    token = fresh(dan)
    meanwhile(dan)
    assert_not_good(confirm(anonymous, dan, token), dan)


def test_it_works_once_and_ends_every_other_link(anonymous: APIClient, dan: User) -> None:
    token, other = fresh(dan), fresh(dan, USER_INVITED)
    assert confirm(anonymous, dan, token).status_code == 200
    dan.refresh_from_db()
    for used in (token, other):
        assert_not_good(confirm(anonymous, dan, used, new_password="yet another one"), dan)


@pytest.mark.parametrize("letter", [PASSWORD_RESET, USER_INVITED], ids=lambda letter: letter.key)
def test_it_works_for_its_time_and_no_longer(
    anonymous: APIClient, dan: User, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(age: float) -> str:
        with monkeypatch.context() as then:
            then.setattr(TimestampSigner, "timestamp", lambda _self: b62_encode(int(time.time() - age)))
            return fresh(dan, letter)

    lifetime = letter.lifetime.total_seconds()
    assert_not_good(confirm(anonymous, dan, written(lifetime + 2)), dan)
    assert confirm(anonymous, dan, written(lifetime - 60)).status_code == 200


def test_a_link_is_one_persons_and_cannot_be_made_up(anonymous: APIClient, dan: User, dora: User) -> None:
    token = fresh(dora)
    stamp, _, signature = token.partition(".")
    for wrong in (token, f"{stamp}.{signature[:-1]}", f"{stamp}.", f".{signature}", "x", f"{token}.{token}"):
        assert_not_good(confirm(anonymous, dan, wrong), dan)
    for uid in ("0", "-1", "x", "٣", "9" * 20, f"{dora.pk}.0"):
        assert confirm(anonymous, None, token, uid=uid).json() == NOT_GOOD


@pytest.mark.parametrize("weak", ["short", "password123", "dan@example.com"])
def test_a_weak_password_is_refused_and_the_link_still_works(anonymous: APIClient, dan: User, weak: str) -> None:
    token = fresh(dan)
    response = confirm(anonymous, dan, token, new_password=weak)
    assert (response.status_code, set(response.json())) == (400, {"new_password"})
    assert confirm(anonymous, dan, token).status_code == 200


def test_whoever_has_no_good_link_learns_nothing_of_passwords(anonymous: APIClient, dan: User) -> None:
    assert_not_good(confirm(anonymous, dan, "x", new_password="short"), dan)


@pytest.mark.parametrize("wrong", ["", None, ["x"], "a\0b", "x" * 1025])
@pytest.mark.parametrize("field", ["uid", "token", "new_password"])
def test_bad_input_is_named(anonymous: APIClient, dan: User, field: str, wrong: object) -> None:
    response = confirm(anonymous, dan, fresh(dan), **{field: wrong})
    assert (response.status_code, set(response.json())) == (400, {field})
    assert confirm(anonymous, dan, "x", nonsense=1).json() == {"nonsense": NOT_ACCEPTED}


def test_a_first_password_is_set_the_same_way(anonymous: APIClient, db: None) -> None:
    nina = User.objects.create_user("nina", "nina@example.com", role=Role.CLIENT)
    assert confirm(anonymous, nina, fresh(nina)).status_code == 200
    assert login(anonymous, "nina", NEW).status_code == 200
