"""Sessions under race and over time."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.utils.timezone import now

from core.actions import login_throttle, people, sessions
from core.domain.errors import Invalid, SignInRefused
from core.models import LoginAttempt, RefreshToken, Session, User

HERE = "192.0.2.1"
PASSWORD = "demo-password"


def together(*calls: Callable[[], Any]) -> list[Any]:
    """The results of calls made at the same moment in a thread each; a refusal is given by its code."""
    ready = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        ready.wait()
        try:
            return call()
        except SignInRefused as error:
            return error.code
        except (Invalid, login_throttle.TooManyAttempts) as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(one, calls))


def sign_in(password: str = PASSWORD) -> sessions.Tokens:
    return sessions.sign_in(username="dan", password=password, address=HERE)


@pytest.mark.django_db(transaction=True)
def test_of_parallel_uses_of_a_refresh_token_one_wins(dan: User) -> None:
    token = sessions.start(user=dan).refresh
    results = together(*8 * [lambda: sessions.refresh(token=token)])
    won = [each for each in results if isinstance(each, sessions.Tokens)]
    assert len(won) == 1
    assert Counter(each for each in results if each not in won) == {"token_rotated": 7}
    assert sessions.authenticate_access(won[0].access)[0] == dan
    sessions.refresh(token=won[0].refresh)


@pytest.mark.django_db(transaction=True)
def test_refreshing_while_signing_out_leaves_nothing_that_works(dan: User) -> None:
    for _ in range(5):
        found = sessions.start(user=dan)
        _, refreshed = together(
            partial(sessions.sign_out, session=found.session, refresh=found.refresh),
            partial(sessions.refresh, token=found.refresh),
        )
        if isinstance(refreshed, sessions.Tokens):
            with pytest.raises(SignInRefused, match="ended"):
                sessions.authenticate_access(refreshed.access)
        else:
            assert refreshed == "session_ended"


def test_a_session_that_ends_while_it_is_refreshed_is_not_revived(dan: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = sessions.start(user=dan).refresh
    usable = sessions.require_usable

    def overtaken(session: Session) -> Session:
        usable(session)
        Session.objects.update(ended_at=now())
        return session

    monkeypatch.setattr(sessions, "require_usable", overtaken)
    with pytest.raises(SignInRefused, match="ended"):
        sessions.refresh(token=token)
    assert RefreshToken.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_count_before_they_are_looked_at(dan: User) -> None:
    results = together(*20 * [lambda: sign_in("wrong")])
    assert Counter(results) == {
        "invalid_credentials": login_throttle.ACCOUNT_LIMIT,
        "TooManyAttempts": 20 - login_throttle.ACCOUNT_LIMIT,
    }


@pytest.mark.django_db(transaction=True)
def test_parallel_sign_ins_with_the_right_password_all_succeed(dan: User) -> None:
    results = together(*20 * [sign_in])
    assert all(isinstance(each, sessions.Tokens) for each in results)
    assert not LoginAttempt.objects.exists()


def test_nobody_waits_long_for_tries_whose_process_died(dan: User) -> None:
    for _ in range(login_throttle.ACCOUNT_LIMIT):
        with pytest.raises(SignInRefused):
            sign_in("wrong")
    a_moment_ago = now() - login_throttle.UNDER_WAY + timedelta(seconds=0.2)
    LoginAttempt.objects.update(at=a_moment_ago)
    with pytest.raises(login_throttle.TooManyAttempts) as refused:
        sign_in()
    assert refused.value.wait <= a_moment_ago + login_throttle.WINDOW - now() + timedelta(seconds=0.1)


@pytest.mark.django_db(transaction=True)
def test_parallel_changes_of_a_password_let_one_win(dan: User) -> None:
    found = [sessions.start(user=dan) for _ in range(4)]

    own = [sessions.authenticate_access(each.access)[1] for each in found]  # as each request reads its own
    change = partial(people.change_password, old=PASSWORD, address=HERE)
    results = together(
        *(partial(change, session=session, new=f"better-than-{number}") for number, session in enumerate(own))
    )
    assert Counter(results) == {None: 1, "Invalid": 3}
    winner = results.index(None)
    assert [session.pk for session in dan.sessions.filter(ended_at=None)] == [found[winner].session.pk]
    dan.refresh_from_db()
    assert dan.check_password(f"better-than-{winner}")


def overtake(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Make `change` once, at the moment when a password has just been checked."""
    verify, changes = MD5PasswordHasher.verify, [change]

    def verified(self: MD5PasswordHasher, password: str, encoded: str) -> bool:
        result = verify(self, password, encoded)
        if changes:
            changes.pop()()
        return result

    monkeypatch.setattr(MD5PasswordHasher, "verify", verified)


def renew_hash(password: str) -> None:
    user = User.objects.get(username="dan")
    user.set_password(password)
    user.save()


def test_an_old_password_opens_no_session_once_it_is_changed(dan: User, monkeypatch: pytest.MonkeyPatch) -> None:
    overtake(monkeypatch, lambda: renew_hash("a much better one"))
    with pytest.raises(SignInRefused):
        sign_in()
    assert not Session.objects.exists()


def test_a_hash_renewed_meanwhile_is_no_wrong_password(dan: User, monkeypatch: pytest.MonkeyPatch) -> None:
    overtake(monkeypatch, lambda: renew_hash(PASSWORD))
    assert sign_in().session.user == dan


@pytest.mark.parametrize("change", [{"is_active": False}, None], ids=["deactivated", "deleted"])
def test_somebody_who_goes_while_signing_in_is_refused(
    dan: User, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any] | None
) -> None:
    people_of_that_name = User.objects.filter(pk=dan.pk)
    overtake(monkeypatch, lambda: people_of_that_name.update(**change) if change else people_of_that_name.delete())
    with pytest.raises(SignInRefused) as refused:
        sign_in()
    assert refused.value.code == "invalid_credentials"
    assert not Session.objects.exists()


def test_what_can_never_be_used_again_is_deleted(dan: User) -> None:
    week = timedelta(days=7)
    living, expired = sessions.start(user=dan), sessions.start(user=dan)
    Session.objects.filter(pk=expired.session.pk).update(expires_at=now() - timedelta(seconds=1))
    newest = sessions.refresh(token=living.refresh)
    RefreshToken.objects.exclude(spent_at=None).update(created_at=now() - week - timedelta(seconds=1))
    for age in (login_throttle.WINDOW, timedelta(minutes=14)):
        LoginAttempt.objects.create(account="x", address=HERE, at=now() - age)
    sessions.delete_expired(now())
    assert list(Session.objects.all()) == [living.session]
    sessions.refresh(token=newest.refresh)
    assert RefreshToken.objects.count() == 2
    assert LoginAttempt.objects.count() == 1
