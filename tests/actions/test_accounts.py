"""Accounts are stored as far as they were changed; what must not outlive a change ends the sessions."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from core.actions import accounts, sessions
from core.domain.errors import Conflict
from core.models import Role, User
from tests.admin.sessions import signed_out
from tests.conftest import PASSWORD

NEW = "a quite long phrase"


def test_what_another_changed_meanwhile_stays(dan: User) -> None:
    stale = User.objects.get(pk=dan.pk)
    dan.set_password(NEW)
    dan.last_name = "Meanwhile"
    dan.save()
    stale.first_name = "Daniel"
    accounts.save(account=stale, fields=["first_name"])
    dan.refresh_from_db()
    assert (dan.first_name, dan.last_name, dan.check_password(NEW)) == ("Daniel", "Meanwhile", True)


@pytest.mark.parametrize(("field", "value"), [("role", Role.CLIENT), ("is_active", False), ("password", "!")])
def test_a_decisive_change_ends_every_session(field: str, value: Any, dan: User) -> None:
    token = sessions.start(user=dan).access
    setattr(dan, field, value)
    accounts.save(account=dan, fields=[field])
    assert signed_out(token)


def test_a_field_that_is_not_stored_ends_no_session(dan: User) -> None:
    """It was read before another changed it; what counts is what this save changes."""
    stale = User.objects.get(pk=dan.pk)
    User.objects.filter(pk=dan.pk).update(role=Role.ADMIN)
    token = sessions.start(user=dan).access
    accounts.save(account=stale, fields=["first_name"])
    assert not signed_out(token)


def test_the_same_role_ends_no_session(dan: User) -> None:
    token = sessions.start(user=dan).access
    accounts.save(account=dan, fields=["role", "is_active"])
    assert not signed_out(token)


def test_all_fields_are_for_a_new_account_only(dan: User) -> None:
    accounts.save(account=User(username="nina", email="nina@example.com"))
    assert User.objects.filter(username="nina").exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        accounts.save(account=dan)


@pytest.mark.parametrize("changes", [{"role": Role.DEVELOPER}, {"is_active": False}])
def test_the_last_active_admin_stays(changes: dict[str, Any], ada: User, dan: User) -> None:
    User.objects.create_user("eve", "eve@example.com", role=Role.ADMIN, is_active=False)
    token = sessions.start(user=ada).access
    for name, value in changes.items():
        setattr(ada, name, value)
    with pytest.raises(Conflict, match="last active admin") as refused:
        accounts.save(account=ada, fields=list(changes))
    assert refused.value.code == "last_admin"
    assert not signed_out(token)
    dan.role = Role.ADMIN
    accounts.save(account=dan, fields=["role"])
    accounts.save(account=ada, fields=list(changes))
    assert signed_out(token)


def test_an_admin_who_has_left_may_lose_the_role(ada: User) -> None:
    eve = User.objects.create_user("eve", "eve@example.com", role=Role.ADMIN, is_active=False)
    eve.role = Role.CLIENT
    accounts.save(account=eve, fields=["role"])
    assert User.objects.get(pk=eve.pk).role == Role.CLIENT


# --- manage.py changepassword -------------------------------------------------------------------


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed next at a password prompt."""
    answers: list[str] = []
    lines: Iterator[str] = iter(answers)
    monkeypatch.setattr("getpass.getpass", lambda *_: next(lines))
    return answers


def change_password(username: str) -> str:
    said = StringIO()
    call_command("changepassword", username, stdout=said, stderr=said)
    return said.getvalue()


def test_a_password_changed_at_the_terminal_ends_every_session(dan: User, typed: list[str]) -> None:
    token = sessions.start(user=dan).access
    typed += [NEW, "mistyped", "short", "short", NEW, NEW]
    said = change_password("dan")
    assert "do not match" in said
    assert "too short" in said
    assert "changed successfully" in said
    assert signed_out(token)
    assert User.objects.get(pk=dan.pk).check_password(NEW)


@pytest.mark.parametrize(
    ("answers", "why"),
    [([""], "aborted"), (["short"] * 6, "after 3 attempts"), ([NEW, "other"] * 3, "after 3 attempts")],
)
def test_a_password_that_is_not_given_well_changes_nothing(
    answers: list[str], why: str, dan: User, typed: list[str]
) -> None:
    token = sessions.start(user=dan).access
    typed += answers
    with pytest.raises(CommandError, match=why):
        change_password("dan")
    assert User.objects.get(pk=dan.pk).check_password(PASSWORD)
    assert not signed_out(token)


@pytest.mark.django_db
def test_nobody_is_not_somebody() -> None:
    with pytest.raises(CommandError, match="'nobody' does not exist"):
        change_password("nobody")
