"""POST /api/auth/password_reset/"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from core.actions.login_throttle import ACCOUNT_LIMIT
from core.actions.password_reset import LETTERS_AN_HOUR
from core.models import LoginAttempt, NotificationLog, User
from tests.api.auth.calls import attempts_move, fail, login
from tests.fakes.smtp import FakeSmtp
from tests.letters import link_in
from tests.tickets import NOT_ACCEPTED

URL = "/api/auth/password_reset/"
ANSWER = {"message": "If an active account has this e-mail address, a link to set a new password is on its way."}
WORK = {"SELECT", "INSERT", "UPDATE", "DELETE"}


@pytest.fixture(autouse=True)
def _one_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.actions.password_reset.this_hour", lambda: "this hour")


def ask(client: APIClient, email: Any, address: str = "192.0.2.1") -> Any:
    return client.post(URL, {"email": email}, REMOTE_ADDR=address)


def letters() -> int:
    return NotificationLog.objects.filter(event="password_reset").count()


def test_whoever_has_the_address_gets_a_link(
    anonymous: APIClient, dan: User, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    response = ask(anonymous, "DAN@example.com")
    assert (response.status_code, response.json()) == (200, ANSWER)
    deliver()
    mail = mailbox.take(dan.email)
    assert mail.message["Subject"] == "Set a new password"
    assert "asked for a new password for “dan”" in mail.text
    link = link_in(mail)
    assert link.url.startswith("http://testserver/account/password/?uid=")
    row = NotificationLog.objects.filter(recipient=dan).values().get()
    assert link.token not in str(row)


def test_an_app_may_have_its_own_page(
    anonymous: APIClient, dan: User, deliver: Callable[[], None], mailbox: FakeSmtp, settings: Any
) -> None:
    settings.PASSWORD_RESET_URL = "https://app.example.com/#/reset"
    ask(anonymous, dan.email)
    deliver()
    assert link_in(mailbox.take(dan.email)).url.startswith("https://app.example.com/#/reset?uid=")


def test_nobody_learns_who_has_an_account(anonymous: APIClient, dan: User, dora: User) -> None:
    """The same answer after the same statements, whether a letter is written or not."""
    User.objects.filter(pk=dora.pk).update(is_active=False)
    emails = [dan.email] * (LETTERS_AN_HOUR + 1) + [dora.email, "nobody@example.com"]
    taken = set()
    for number, email in enumerate(emails):
        with CaptureQueriesContext(connection) as captured:
            assert ask(anonymous, email, f"192.0.2.{number}").json() == ANSWER
        taken.add(tuple(verb for query in captured if (verb := query["sql"].split()[0]) in WORK))
    assert len(taken) == 1
    assert letters() == LETTERS_AN_HOUR
    assert not NotificationLog.objects.exclude(recipient=dan).exists()


def test_a_mailbox_is_not_flooded_and_can_be_written_to_again_in_another_hour(
    anonymous: APIClient, dan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(LETTERS_AN_HOUR + 2):
        assert ask(anonymous, dan.email, f"192.0.2.{number}").status_code == 200
    assert letters() == LETTERS_AN_HOUR
    monkeypatch.setattr("core.actions.password_reset.this_hour", lambda: "the next hour")
    assert ask(anonymous, dan.email, "192.0.2.99").status_code == 200
    assert letters() == LETTERS_AN_HOUR + 1


@pytest.mark.parametrize("email", ["dan@example.com", "nobody@example.com"])
def test_who_asks_too_often_from_one_address_waits(anonymous: APIClient, dan: User, email: str) -> None:
    for _ in range(ACCOUNT_LIMIT):
        assert ask(anonymous, email).status_code == 200
    response = ask(anonymous, email.upper())
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert int(response.headers["Retry-After"]) > 0
    assert ask(anonymous, email, "192.0.2.2").status_code == 200
    attempts_move(-timedelta(minutes=15))
    assert ask(anonymous, email).status_code == 200


def test_it_neither_counts_as_a_guess_nor_forgives_any(anonymous: APIClient, dan: User) -> None:
    fail(anonymous, "dan", times=ACCOUNT_LIMIT - 1, REMOTE_ADDR="192.0.2.1")
    for _ in range(2):
        assert ask(anonymous, dan.email).status_code == 200
    fail(anonymous, "dan", times=1, REMOTE_ADDR="192.0.2.1")
    assert login(anonymous, "dan", REMOTE_ADDR="192.0.2.1").status_code == 429


@pytest.mark.parametrize("wrong", ["", None, "nobody", ["x"], {}, "a\0b@example.com", "x" * 250 + "@example.com"])
def test_bad_input_is_named_and_not_counted(anonymous: APIClient, db: None, wrong: Any) -> None:
    response = ask(anonymous, wrong)
    assert (response.status_code, set(response.json())) == (400, {"email"})
    assert anonymous.post(URL, {"email": "dan@example.com", "username": "dan"}).json() == {"username": NOT_ACCEPTED}
    assert not LoginAttempt.objects.exists()
