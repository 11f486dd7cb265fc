"""Passwords changed at the admin site: guesses count, and every session ends."""

from django.test import Client
from django.urls import reverse

from core.actions import login_throttle, sessions
from core.models import User
from tests.admin.sessions import signed_out
from tests.conftest import PASSWORD

OWN = "/admin/password_change/"
NEW = "a quite long phrase"


def change_own(site: Client, old: str, new: str = NEW) -> str:
    """The errors shown; none when it was changed."""
    response = site.post(OWN, {"old_password": old, "new_password1": new, "new_password2": new})
    return "" if response.status_code == 302 else str(response.context["form"].errors)


def test_the_page_is_djangos(site: Client) -> None:
    assert "Old password" in site.get(OWN).content.decode()


def test_an_own_new_password_ends_every_session_but_the_one_at_the_site(site: Client, ada: User) -> None:
    token = sessions.start(user=ada).access
    elsewhere = Client()
    elsewhere.force_login(ada)
    assert change_own(site, PASSWORD) == ""
    assert User.objects.get(pk=ada.pk).check_password(NEW)
    assert signed_out(token)
    assert site.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_a_weak_new_password_changes_nothing(site: Client, ada: User) -> None:
    token = sessions.start(user=ada).access
    assert "too short" in change_own(site, PASSWORD, new="short")
    assert not signed_out(token)


def test_wrong_old_passwords_count_as_failed_sign_ins(site: Client, ada: User) -> None:
    for _ in range(login_throttle.ACCOUNT_LIMIT):
        assert "entered incorrectly" in change_own(site, "wrong")
    assert "Too many attempts" in change_own(site, PASSWORD)
    assert User.objects.get(pk=ada.pk).check_password(PASSWORD)


def test_a_password_set_by_an_admin_ends_every_session(site: Client, dan: User) -> None:
    token = sessions.start(user=dan).access
    data = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    response = site.post(reverse("admin:auth_user_password_change", args=[dan.pk]), data)
    assert response.status_code == 302, response.content.decode()
    assert signed_out(token)
