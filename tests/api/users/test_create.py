"""POST /api/users/"""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import Feed, NotificationLog, User
from tests.api.auth.calls import login
from tests.api.users.calls import URL, only_for_admins, refused
from tests.fakes.smtp import FakeSmtp
from tests.letters import link_in
from tests.tickets import NOT_ACCEPTED, REQUIRED, Api, unchecked

NINA = {"username": "nina", "email": "nina@Example.COM", "role": "DEVELOPER"}
PASSWORD = "a quite long phrase"


def test_with_a_password_somebody_signs_in_at_once_and_is_not_written_to(
    api: Api, ada: User, anonymous: APIClient, deliver: Callable[[], None]
) -> None:
    more = {"first_name": "Nina", "last_name": "New", "phone_number": "+12025550123", "timezone": "Europe/Vienna"}
    response = api(ada).post(URL, {**NINA, **more, "password": f" {PASSWORD}"})
    assert response.status_code == 201
    made = response.json()
    assert {**NINA, **more, "email": "nina@example.com"}.items() <= made.items()
    assert (made["full_name"], made["is_active"], made["has_password"]) == ("Nina New", True, True)
    assert login(anonymous, "nina", f" {PASSWORD}").json()["user"]["id"] == made["id"]
    deliver()
    assert not NotificationLog.objects.exists()


def test_without_a_password_somebody_is_invited_to_choose_one(
    api: Api, ada: User, anonymous: APIClient, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    made = api(ada).post(URL, NINA).json()
    assert made["has_password"] is False
    assert login(anonymous, "nina", "").status_code == 400
    deliver()
    mail = mailbox.take("nina@example.com")
    assert mail.message["Subject"] == "You have been invited to Incident Management"
    assert "Ada Admin has made an account for you: “nina”" in mail.text
    assert ">Set a password</a>" in mail.html
    link = link_in(mail)
    assert link.uid == str(made["id"])
    body = {"uid": link.uid, "token": link.token, "new_password": PASSWORD}
    assert anonymous.post("/api/auth/password_reset/confirm/", body).status_code == 200
    assert login(anonymous, "nina", PASSWORD).status_code == 200


def test_an_invitation_is_no_notification_and_holds_no_secret(
    api: Api, ada: User, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    nina = User.objects.get(pk=api(ada).post(URL, NINA).json()["id"])
    deliver()
    link = link_in(mailbox.take(nina.email))
    row = NotificationLog.objects.filter(recipient=nina).values().get()
    assert (row["notification_type"], row["status"], row["is_read"]) == ("EMAIL", "SENT", True)
    assert link.token not in str(row)
    assert not Feed.objects.filter(user=nina).exists()
    client = api(nina)
    for path in ("", "unread/"):
        assert client.get(f"/api/notifications/{path}").json()["count"] == 0
    counts = client.get("/api/notifications/unread_count/").json()
    assert (counts["count"], sum(counts["by_type"].values())) == (0, 0)


@pytest.mark.parametrize("field", NINA)
def test_what_is_required_is_named(api: Api, ada: User, field: str) -> None:
    body = {name: value for name, value in NINA.items() if name != field}
    assert refused(400, api(ada).post, URL, body) == {field: REQUIRED}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        *(("username", wrong) for wrong in ("", None, "a b", "nina@home", "x" * 151, "a\0b", "Émile", ["x"])),
        *(("email", wrong) for wrong in ("", None, "nina", "x" * 250 + "@example.com", "a@b.c\nBcc: d@e.f")),
        *(("email", wrong) for wrong in ("\u212aim@example.com", "nina@müller.example")),  # a Kelvin sign is no K
        *(("role", wrong) for wrong in ("", None, "admin", "BOSS", ["ADMIN"])),
        *(("password", wrong) for wrong in ("", None, "short", "password123", "nina@example.com", "x" * 1025)),
        *(("phone_number", wrong) for wrong in ("12", None)),
        ("first_name", "x" * 151),
        ("last_name", "\u200b"),
        ("timezone", "Mars/Olympus"),
        ("locale", "klingon"),
    ],
)
def test_bad_input_is_named(api: Api, ada: User, field: str, wrong: Any) -> None:
    assert set(refused(400, unchecked(api(ada)).post, URL, {**NINA, field: wrong})) == {field}


def test_what_it_does_not_take_is_refused(api: Api, ada: User) -> None:
    body = {**NINA, "is_active": False, "id": 7, "is_superuser": True}
    assert refused(400, api(ada).post, URL, body) == dict.fromkeys(("is_active", "id", "is_superuser"), NOT_ACCEPTED)


def test_a_name_or_address_that_somebody_has_is_refused_in_any_case(api: Api, ada: User, cleo: User) -> None:
    client = api(ada)
    taken = {"username": ["This username is taken."], "email": ["This e-mail address is taken."]}
    assert refused(400, client.post, URL, {**NINA, "username": "CLEO"}) == {"username": taken["username"]}
    assert refused(400, client.post, URL, {**NINA, "email": "Cleo@EXAMPLE.com"}) == {"email": taken["email"]}
    assert refused(400, client.post, URL, {**NINA, "username": "cleo", "email": "cleo@example.com"}) == taken


def test_only_admins_make_accounts(api: Api, dan: User, cleo: User) -> None:
    only_for_admins(lambda client: client.post, api, [dan, cleo], URL)
