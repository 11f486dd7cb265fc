"""/account/password/: the page behind the link of a letter."""

import re
from typing import Any

import pytest
from django.test import Client

from core.models import Role, User
from core.notifications.letters import USER_INVITED
from tests.conftest import PASSWORD

URL = "/account/password/"
NEW = "a much better one"
LATE = "This link does not work any more"


@pytest.fixture
def nina(db: None) -> User:
    """Has been invited."""
    return User.objects.create_user("nina", "nina@example.com", role=Role.CLIENT)


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def opened(browser: Client, user: User) -> dict[str, str]:
    """What the form, once its link was followed, sends back of itself."""
    page = browser.get(URL, {"uid": str(user.pk), "token": USER_INVITED.token(user)})
    assert page.status_code == 200
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', page.content.decode()))


def send(browser: Client, fields: dict[str, str], new: str = NEW, again: str = NEW) -> Any:
    return browser.post(URL, {**fields, "new_password": new, "again": again})


def test_an_invited_person_chooses_a_password(browser: Client, nina: User) -> None:
    fields = opened(browser, nina)
    assert fields["username"] == "nina"
    response = send(browser, fields)
    assert "Your password is set" in response.content.decode()
    nina.refresh_from_db()
    assert nina.check_password(NEW)
    again = send(browser, fields, "yet another one", "yet another one")
    assert (again.status_code, LATE in again.content.decode()) == (404, True)
    nina.refresh_from_db()
    assert nina.check_password(NEW)


@pytest.mark.parametrize(
    ("new", "again", "why"),
    [("short", "short", "too short"), (NEW, "another", "do not match"), ("", "", "This field is required")],
)
def test_a_bad_choice_is_said_at_the_form(browser: Client, nina: User, new: str, again: str, why: str) -> None:
    response = send(browser, opened(browser, nina), new, again)
    assert why in response.content.decode()
    nina.refresh_from_db()
    assert not nina.has_usable_password()
    assert send(browser, opened(browser, nina)).status_code == 200


@pytest.mark.parametrize("query", [{}, {"uid": "1", "token": "x"}, {"uid": "x" * 500, "token": "a\0b"}])
def test_a_link_that_is_not_good_says_so(client: Client, db: None, query: dict[str, str]) -> None:
    for response in (client.get(URL, query), send(client, query)):
        assert (response.status_code, LATE in response.content.decode()) == (404, True)


def test_looking_changes_nothing_and_tells_no_other_site(client: Client, dan: User) -> None:
    response = client.get(URL, {"uid": str(dan.pk), "token": USER_INVITED.token(dan)})
    assert response["Referrer-Policy"] == "strict-origin"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "form-action 'self'" in response["Content-Security-Policy"]
    dan.refresh_from_db()
    assert dan.check_password(PASSWORD)
    assert client.put(URL).status_code == 405


def test_another_site_cannot_send_the_form(browser: Client, nina: User) -> None:
    fields = opened(browser, nina)
    response = browser.post(
        URL, {**fields, "new_password": NEW, "again": NEW}, headers={"Origin": "https://evil.example.com"}
    )
    assert response.status_code == 403
