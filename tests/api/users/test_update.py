"""PATCH /api/users/{id}/"""

from typing import Any

import pytest
from django.utils import timezone

from core.actions import sessions
from core.models import Role, Ticket, User, Watch
from tests.admin.sessions import signed_out
from tests.api.users.calls import NOBODY, only_for_admins, refused, url
from tests.conftest import MakeTicket, person
from tests.tickets import Api, unchecked

REFUSAL = ["This field cannot be changed here."]


def test_it_changes_what_is_given_and_nothing_else(api: Api, ada: User, dan: User) -> None:
    token = sessions.start(user=dan).access
    changes = {
        "username": "daniel",
        "email": "daniel@example.com",
        "first_name": "Daniel",
        "phone_number": "",
        "locale": "de",
        "timezone": "Europe/Vienna",
    }
    client = api(ada)
    before = client.get(url(dan)).json()
    after = client.patch(url(dan), changes).json()
    assert after == {**before, **changes, "full_name": "Daniel Developer"}
    assert client.get(url(dan)).json() == after
    assert client.patch(url(dan), {}).json() == after
    assert not signed_out(token)


def test_another_role_holds_from_the_next_request_on(api: Api, ada: User, dan: User, make_ticket: MakeTicket) -> None:
    """Dan keeps his place on the ticket, for admins to see, and sees it no more; what he watched he watches no more."""
    ticket, watched = make_ticket(assigned_to=[dan]), make_ticket()
    Watch.objects.create(ticket=watched, user=dan, created_at=timezone.now())
    client = api(dan)
    assert client.get(f"/api/tickets/{ticket.pk}/").status_code == 200
    assert api(ada).patch(url(dan), {"role": "CLIENT"}).json()["role"] == "CLIENT"
    again = client.get(f"/api/tickets/{ticket.pk}/")
    assert (again.status_code, again.json()["code"]) == (401, "session_ended")
    dan.refresh_from_db()
    assert not Ticket.objects.visible_to(dan).exists()
    assert not dan.watches.exists()
    assert [one["username"] for one in api(ada).get(f"/api/tickets/{ticket.pk}/").json()["assigned_to"]] == ["dan"]


def test_the_same_role_ends_nothing(api: Api, ada: User, dan: User) -> None:
    token = sessions.start(user=dan).access
    assert api(ada).patch(url(dan), {"role": "DEVELOPER"}).status_code == 200
    assert not signed_out(token)


def test_nobody_changes_their_own_role(api: Api, ada: User, dan: User) -> None:
    person("eve", Role.ADMIN, 6)
    client = api(ada)
    assert set(refused(400, client.patch, url(ada), {"role": "CLIENT"})) == {"role"}
    assert client.patch(url(ada), {"role": "ADMIN", "first_name": "Adah"}).status_code == 200


def test_of_two_admins_one_may_go(api: Api, ada: User) -> None:
    eve = person("eve", Role.ADMIN, 6)
    assert api(ada).patch(url(eve), {"role": "CLIENT"}).status_code == 200


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("username", "a@b"), ("email", "nobody"), ("role", "BOSS"), ("timezone", "Mars"), ("phone_number", None)],
)
def test_bad_input_is_named(api: Api, ada: User, dan: User, field: str, wrong: Any) -> None:
    assert set(refused(400, unchecked(api(ada)).patch, url(dan), {field: wrong})) == {field}


def test_password_and_is_active_are_not_changed_here(api: Api, ada: User, dan: User) -> None:
    body = {"password": "a quite long phrase", "is_active": False, "id": 1}
    assert refused(400, api(ada).patch, url(dan), body) == dict.fromkeys(body, REFUSAL)


def test_a_name_or_address_that_somebody_has_is_refused_in_any_case(api: Api, ada: User, dan: User, cleo: User) -> None:
    client = api(ada)
    assert refused(400, client.patch, url(dan), {"username": "Cleo"}) == {"username": ["This username is taken."]}
    body = {"email": "CLEO@example.com", "first_name": "Daniel"}
    assert refused(400, client.patch, url(dan), body) == {"email": ["This e-mail address is taken."]}
    assert client.patch(url(dan), {"username": "Dan", "email": "DAN@example.com"}).status_code == 200


def test_nobody_is_not_found(api: Api, ada: User) -> None:
    assert refused(404, api(ada).patch, url(NOBODY), {"nonsense": 1})["code"] == "not_found"


def test_only_admins_change_others(api: Api, dan: User, cleo: User) -> None:
    for whom in (cleo.pk, NOBODY):
        only_for_admins(lambda client: client.patch, api, [dan, cleo], url(whom))


def test_there_is_no_put(api: Api, ada: User, dan: User) -> None:
    assert refused(405, api(ada).put, url(dan), {})["code"] == "method_not_allowed"
