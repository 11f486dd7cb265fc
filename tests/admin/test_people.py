"""People at the admin site: made, changed and deactivated, never deleted."""

from collections.abc import Callable

import pytest
from django.test import Client

from core.actions import sessions
from core.admin.people import WHATSAPP, UserAdmin
from core.models import Role, User
from tests.admin.pages import initially
from tests.admin.sessions import signed_out
from tests.fakes.smtp import FakeSmtp
from tests.letters import link_to

PASSWORD = "a quite long phrase"


def newcomer(**changes: str) -> dict[str, str]:
    return {
        "username": "nina",
        "email": "nina@example.com",
        "role": "DEVELOPER",
        "phone_number": "+12025550123",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    } | changes


def account(user: User, **changes: str) -> dict[str, str]:
    names = ("username", "email", "first_name", "last_name", "locale", "timezone", "role")
    data = {name: str(getattr(user, name)) for name in names} | {"phone_number": str(user.phone_number)}
    return data | {"is_active": "on"} | changes


def test_a_new_person_can_sign_in(site: Client) -> None:
    response = site.post("/admin/core/user/add/", newcomer())
    assert response.status_code == 302, response.content.decode()
    found = sessions.sign_in(username="nina", password=PASSWORD, address="127.0.0.1")
    assert found.session.user.role == Role.DEVELOPER


TAKEN = pytest.mark.parametrize("taken", [{"username": "CLEO"}, {"email": "Cleo@EXAMPLE.com"}])


@TAKEN
def test_nobody_new_takes_a_name_or_address_in_another_case(taken: dict[str, str], site: Client, cleo: User) -> None:
    response = site.post("/admin/core/user/add/", newcomer(**taken))
    assert response.status_code == 200
    assert response.context["adminform"].form.errors


@TAKEN
def test_nobody_is_given_a_name_or_address_in_another_case(
    taken: dict[str, str], site: Client, cleo: User, dan: User
) -> None:
    response = site.post(f"/admin/core/user/{dan.pk}/change/", account(dan, **taken))
    assert response.status_code == 200
    assert response.context["adminform"].form.errors


@pytest.mark.parametrize("changes", [{"role": "CLIENT"}, {"is_active": ""}])
def test_another_role_or_deactivation_ends_every_session(changes: dict[str, str], site: Client, dan: User) -> None:
    token = sessions.start(user=dan).access
    response = site.post(f"/admin/core/user/{dan.pk}/change/", account(dan, **changes))
    assert response.status_code == 302, response.content.decode()
    assert signed_out(token)


def test_another_number_is_not_verified_even_if_it_is_the_verified_one_of_somebody(
    site: Client, dan: User, cleo: User
) -> None:
    response = site.post(
        f"/admin/core/user/{dan.pk}/change/", account(dan, phone_number=str(cleo.phone_number), whatsapp_opted_in="on")
    )
    assert response.status_code == 302, response.content.decode()
    dan.refresh_from_db()
    assert (str(dan.phone_number), dan.phone_verified_at) == (str(cleo.phone_number), None)
    assert not dan.whatsapp_opted_in
    assert User.objects.get(pk=cleo.pk).phone_verified_at


def test_a_corrected_name_ends_no_session(site: Client, dan: User) -> None:
    token = sessions.start(user=dan).access
    site.post(f"/admin/core/user/{dan.pk}/change/", account(dan, first_name="Daniel"))
    assert not signed_out(token)
    assert User.objects.get(pk=dan.pk).first_name == "Daniel"


def test_a_page_open_for_long_brings_nothing_back(site: Client, dan: User) -> None:
    path = f"/admin/core/user/{dan.pk}/change/"
    shown = site.get(path)
    assert dan.password not in shown.content.decode()
    User.objects.filter(pk=dan.pk).update(is_active=False, role=Role.CLIENT, phone_number="", timezone="Europe/Vienna")
    response = site.post(path, account(dan, first_name="Daniel") | initially(shown))
    assert response.status_code == 302, response.content.decode()
    now = User.objects.get(pk=dan.pk)
    assert (now.first_name, now.is_active, now.role) == ("Daniel", False, Role.CLIENT)
    assert (now.phone_number, now.timezone) == ("", "Europe/Vienna")


def test_nobody_locks_themselves_out(site: Client, ada: User) -> None:
    site.post(f"/admin/core/user/{ada.pk}/change/", account(ada, role="CLIENT", is_active=""))
    ada.refresh_from_db()
    assert (ada.role, ada.is_active) == (Role.ADMIN, True)


def test_people_are_deactivated_not_deleted(site: Client, dan: User) -> None:
    assert site.get(f"/admin/core/user/{dan.pk}/delete/").status_code == 403


def test_a_new_person_without_a_password_is_invited(
    site: Client, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    response = site.post("/admin/core/user/add/", newcomer(usable_password="false", password1="", password2=""))
    assert response.status_code == 302, response.content.decode()
    deliver()
    assert link_to(mailbox, "nina@example.com").uid == str(User.objects.get(username="nina").pk)


def test_what_the_verb_refuses_is_said_on_the_page(site: Client, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when two admins take each other's role at the same moment."""
    monkeypatch.setattr(UserAdmin, "get_readonly_fields", lambda *_: list(WHATSAPP))
    response = site.post(f"/admin/core/user/{ada.pk}/change/", account(ada, role="CLIENT"), follow=True)
    assert "This is the last active admin" in response.content.decode()
    ada.refresh_from_db()
    assert ada.role == Role.ADMIN
