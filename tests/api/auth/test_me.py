"""GET and PATCH /api/auth/me/"""

import json
from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from core.actions import people
from core.models import User

Api = Callable[[User], APIClient]
URL = "/api/auth/me/"
NOT_HERE = ["This field cannot be changed here."]


def test_people_see_their_own_account(api: Api, dan: User, dora: User) -> None:
    for user in (dan, dora):
        response = api(user).get(URL)
        assert response.status_code == 200
        assert (response.json()["id"], response.json()["full_name"]) == (user.pk, user.full_name)


def test_seeing_it_takes_the_one_query_that_signing_in_takes(
    api: Api, dan: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = api(dan)
    with django_assert_num_queries(1):
        client.get(URL)


@pytest.mark.parametrize("method", ["get", "patch"])
@pytest.mark.django_db
def test_nobody_is_told_nothing(anonymous: APIClient, method: str) -> None:
    response = getattr(anonymous, method)(URL)
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


def test_people_change_what_is_theirs(api: Api, dan: User) -> None:
    changes = {
        "first_name": "Daniela",
        "last_name": "Développeuse",
        "phone_number": "+12025550177",
        "locale": "de-AT",
        "timezone": "Europe/Vienna",
    }
    response = api(dan).patch(URL, changes)
    assert response.status_code == 200
    assert response.json() == api(dan).get(URL).json()
    assert response.json() | changes | {"full_name": "Daniela Développeuse"} == response.json()
    dan.refresh_from_db()
    assert (dan.full_name, str(dan.phone_number)) == ("Daniela Développeuse", "+12025550177")


def test_what_is_left_out_stays(api: Api, dan: User) -> None:
    before = api(dan).get(URL).json()
    assert api(dan).patch(URL, {}).json() == before
    assert api(dan).patch(URL, {"locale": "fr"}).json() == before | {"locale": "fr"}


def test_a_phone_number_is_kept_as_e164_however_it_is_written(api: Api, dan: User) -> None:
    response = api(dan).patch(URL, {"phone_number": " +1 (202) 555-0177 "})
    assert response.json()["phone_number"] == "+12025550177"


def test_a_phone_number_can_be_removed(api: Api, dan: User) -> None:
    assert api(dan).patch(URL, {"phone_number": ""}).json()["phone_number"] == ""
    assert api(dan).get(URL).json()["phone_number"] == ""


def test_somebody_without_names_is_called_by_the_username(api: Api, dan: User) -> None:
    assert api(dan).patch(URL, {"first_name": "", "last_name": " "}).json()["full_name"] == "dan"


def test_a_name_is_one_line(api: Api, dan: User) -> None:
    response = api(dan).patch(URL, {"first_name": "Dan\nBcc: x", "last_name": "De\tVeloper"})
    assert response.json()["full_name"] == "Dan Bcc: x De Veloper"


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("first_name", "x" * 151),
        ("last_name", None),
        ("first_name", "a\0b"),
        ("first_name", ["x"]),
        ("phone_number", "12345"),
        ("phone_number", "2025550177"),
        ("phone_number", "+999999999999"),
        ("phone_number", "+1" + "2" * 200),
        ("phone_number", None),
        ("phone_number", "\0"),
        ("locale", "english"),
        ("locale", ""),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", ""),
    ],
)
def test_a_bad_value_is_named_and_nothing_changes(api: Api, dan: User, field: str, wrong: object) -> None:
    before = api(dan).get(URL).json()
    response = api(dan).patch(URL, {"first_name": "Changed"} | {field: wrong})
    assert response.status_code == 400
    assert set(response.json()) == {field}
    assert api(dan).get(URL).json() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", "ADMIN"),
        ("username", "boss"),
        ("email", "boss@example.com"),
        ("is_active", True),
        ("id", 1),
        ("full_name", "The Boss"),
        ("password", "a-new-password"),
        ("nonsense", None),
    ],
)
def test_what_is_not_theirs_is_refused_by_name(api: Api, dan: User, field: str, value: object) -> None:
    before = api(dan).get(URL).json()
    response = api(dan).patch(URL, {"first_name": "Changed", field: value})
    assert (response.status_code, response.json()) == (400, {field: NOT_HERE})
    assert api(dan).get(URL).json() == before


def test_the_verb_itself_changes_nothing_else(dan: User) -> None:
    people.change_profile(user=dan, changes={"first_name": "Changed", "role": "ADMIN"})
    dan.refresh_from_db()
    assert (dan.first_name, dan.role) == ("Changed", "DEVELOPER")


@pytest.mark.parametrize("body", [[], None, "x", {"\ud800": 1}, {"first_name": "\ud800"}])
def test_absurd_bodies_are_refused(api: Api, dan: User, body: object) -> None:
    response = api(dan).patch(URL, json.dumps(body), content_type="application/json")
    assert response.status_code == 400


def test_an_account_is_neither_replaced_nor_deleted_here(api: Api, dan: User) -> None:
    for call in (api(dan).put, api(dan).delete, api(dan).post):
        response = call(URL)
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
