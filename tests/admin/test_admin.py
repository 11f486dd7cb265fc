"""The admin site shows everything and changes it by the verbs only."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from core.actions import login_throttle, sessions, tickets
from core.domain.errors import SignInRefused
from core.models import NotificationLog, Role, Ticket, TicketHistory, User
from tests.conftest import PASSWORD
from tests.openapi import ApiClient

LOGIN = "/admin/login/"


@pytest.fixture
def site(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def ticket(cleo: User) -> Ticket:
    return tickets.create(actor=cleo, title="Blank page", description="Since noon")


def correction(**changes: str) -> dict[str, str]:
    inlines = {
        f"{prefix}-{part}_FORMS": "0"
        for prefix in ("assignments", "comments", "history")
        for part in ("TOTAL", "INITIAL")
    }
    said = {"title": "Blank page", "description": "Since noon", "category": "OTHER", "priority": "MEDIUM"}
    return said | {"project_name": ""} | inlines | changes


def test_an_admin_signs_in_with_the_password(ada: User) -> None:
    response = Client().post(LOGIN, {"username": "ada", "password": PASSWORD, "next": "/admin/"})
    assert (response.status_code, response["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("role", [Role.CLIENT, Role.DEVELOPER])
def test_nobody_else_gets_in(role: Role, cleo: User) -> None:
    User.objects.filter(pk=cleo.pk).update(role=role)
    client = Client()
    response = client.post(LOGIN, {"username": "cleo", "password": PASSWORD})
    assert response.status_code == 200
    assert client.get("/admin/core/ticket/").status_code == 302


def test_guessing_at_the_admin_site_is_limited_like_at_the_api(ada: User) -> None:
    client = Client()
    for _ in range(login_throttle.ACCOUNT_LIMIT):
        client.post(LOGIN, {"username": "ada", "password": "wrong"})
    response = client.post(LOGIN, {"username": "ada", "password": PASSWORD})
    assert "Too many attempts" in response.content.decode()


@pytest.mark.parametrize("model", ["user", "ticket", "notificationlog", "channelcircuit"])
def test_every_list_can_be_looked_at(model: str, site: Client, ticket: Ticket) -> None:
    assert site.get(f"/admin/core/{model}/").status_code == 200


def test_correcting_a_ticket_writes_history_by_the_verb(site: Client, ticket: Ticket) -> None:
    response = site.post(f"/admin/core/ticket/{ticket.pk}/change/", correction(title="Blank checkout page"))
    assert response.status_code == 302, response.content.decode()
    row = TicketHistory.objects.filter(action="update").get()
    assert (row.actor.username, row.changes) == ("ada", {"title": ["Blank page", "Blank checkout page"]})


def test_a_ticket_that_closed_meanwhile_is_not_corrected(site: Client, ticket: Ticket, dan: User, ada: User) -> None:
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk])
    tickets.start_work(actor=dan, ticket_id=ticket.pk)
    tickets.finish_work(actor=dan, ticket_id=ticket.pk)
    tickets.approve(actor=ticket.created_by, ticket_id=ticket.pk)
    response = site.post(f"/admin/core/ticket/{ticket.pk}/change/", correction(title="Other"))
    assert response.status_code == 403
    assert not TicketHistory.objects.filter(action="update").exists()


def test_opening_by_the_admin_site_tells_the_creator(site: Client, ticket: Ticket) -> None:
    data = {"action": "open_selected", "_selected_action": [str(ticket.pk)]}
    site.post("/admin/core/ticket/", data)
    told = NotificationLog.objects.filter(event="ticket_opened", notification_type="SYSTEM")
    assert [row.recipient.username for row in told] == ["cleo"]
    again = site.post("/admin/core/ticket/", data, follow=True)
    assert "Cannot open_ticket a ticket that is OPEN" in again.content.decode()


def test_rows_of_the_product_are_not_added_changed_or_deleted(site: Client, ticket: Ticket) -> None:
    row = NotificationLog.objects.first()
    assert row is not None
    shown = site.get(f"/admin/core/notificationlog/{row.pk}/change/")
    assert shown.status_code == 200
    assert row.link_key not in shown.content.decode()
    for path in (
        "notificationlog/add/",
        f"notificationlog/{row.pk}/delete/",
        "ticket/add/",
        f"ticket/{ticket.pk}/delete/",
    ):
        assert site.get(f"/admin/core/{path}").status_code == 403


def test_a_new_person_can_sign_in(site: Client) -> None:
    response = site.post(
        "/admin/core/user/add/",
        {
            "username": "nina",
            "email": "nina@example.com",
            "role": "DEVELOPER",
            "phone_number": "+12025550123",
            "usable_password": "true",
            "password1": "a quite long phrase",
            "password2": "a quite long phrase",
        },
    )
    assert response.status_code == 302, response.content.decode()
    found = sessions.sign_in(username="nina", password="a quite long phrase", address="127.0.0.1")
    assert found.session.user.role == Role.DEVELOPER


def account(user: User, **changes: str) -> dict[str, str]:
    names = ("username", "email", "first_name", "last_name", "locale", "timezone", "role")
    data = {name: str(getattr(user, name)) for name in names} | {"phone_number": str(user.phone_number)}
    return data | {"is_active": "on"} | changes


def signed_out(token: str) -> bool:
    try:
        sessions.authenticate_access(token)
    except SignInRefused:
        return True
    return False


@pytest.mark.parametrize("changes", [{"role": "CLIENT"}, {"is_active": ""}])
def test_another_role_or_deactivation_ends_every_session(changes: dict[str, str], site: Client, dan: User) -> None:
    token = sessions.start(user=dan).access
    response = site.post(f"/admin/core/user/{dan.pk}/change/", account(dan, **changes))
    assert response.status_code == 302, response.content.decode()
    assert signed_out(token)


def test_a_corrected_name_ends_no_session(site: Client, dan: User) -> None:
    token = sessions.start(user=dan).access
    site.post(f"/admin/core/user/{dan.pk}/change/", account(dan, first_name="Daniel"))
    assert not signed_out(token)
    assert User.objects.get(pk=dan.pk).first_name == "Daniel"


def test_a_password_set_by_an_admin_ends_every_session(site: Client, dan: User) -> None:
    token = sessions.start(user=dan).access
    data = {"password1": "a quite long phrase", "password2": "a quite long phrase", "usable_password": "true"}
    response = site.post(reverse("admin:auth_user_password_change", args=[dan.pk]), data)
    assert response.status_code == 302, response.content.decode()
    assert signed_out(token)


def test_nobody_locks_themselves_out(site: Client, ada: User) -> None:
    site.post(f"/admin/core/user/{ada.pk}/change/", account(ada, role="CLIENT", is_active=""))
    ada.refresh_from_db()
    assert (ada.role, ada.is_active) == (Role.ADMIN, True)


def test_people_are_deactivated_not_deleted(site: Client, dan: User) -> None:
    assert site.get(f"/admin/core/user/{dan.pk}/delete/").status_code == 403


def test_the_site_is_not_opened_by_an_api_token(api: Callable[[User], ApiClient], ada: User) -> None:
    assert api(ada).get("/admin/").status_code == 302
