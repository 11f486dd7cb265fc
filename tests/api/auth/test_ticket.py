"""POST /api/auth/ticket/"""

import pytest
from django.utils.timezone import now
from rest_framework.test import APIClient

from core.actions import one_time_tickets, sessions
from core.models import OneTimeTicket, User
from tests.openapi import ApiClient
from tests.tickets import Api

URL = "/api/auth/ticket/"


def test_whoever_is_signed_in_gets_a_ticket_of_their_session(anonymous: ApiClient, dan: User) -> None:
    here, _ = sessions.start(user=dan), sessions.start(user=dan)
    response = anonymous.post(URL, HTTP_AUTHORIZATION=f"Bearer {here.access}")
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    body = response.json()
    assert set(body) == {"ticket", "expires_in"}
    assert body["expires_in"] == 30
    row = OneTimeTicket.objects.get()
    assert row.session_id == here.session.pk
    assert 25 < (row.expires_at - now()).total_seconds() <= 30
    assert body["ticket"] not in row.key
    assert one_time_tickets.authenticate(body["ticket"]) == (dan, here.session)


def test_each_is_another(api: Api, dan: User) -> None:
    client = api(dan)
    assert len({client.post(URL).json()["ticket"] for _ in range(3)}) == 3


def test_it_is_no_access_token(api: Api, anonymous: ApiClient, dan: User) -> None:
    ticket = api(dan).post(URL).json()["ticket"]
    assert anonymous.get("/api/auth/me/", HTTP_AUTHORIZATION=f"Bearer {ticket}").status_code == 401
    assert OneTimeTicket.objects.count() == 1


def test_it_is_in_no_log(api: Api, dan: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        ticket = api(dan).post(URL).json()["ticket"]
        one_time_tickets.redeem(ticket)
    assert ticket.removeprefix(one_time_tickets.PREFIX) not in caplog.text


def test_strangers_get_none(anonymous: APIClient, db: None) -> None:
    for header in ({}, {"HTTP_AUTHORIZATION": "Bearer x"}):
        assert anonymous.post(URL, **header).status_code == 401  # type: ignore[arg-type]  # a header, not a flag
    assert not OneTimeTicket.objects.exists()


def test_it_takes_no_input(api: Api, dan: User) -> None:
    response = api(dan).post(URL, {"expires_in": 3600})
    assert (response.status_code, response.json()) == (400, {"expires_in": ["This field is not accepted here."]})
    assert not OneTimeTicket.objects.exists()


def test_other_methods_are_refused(api: Api, dan: User) -> None:
    client = api(dan)
    for method in (client.get, client.put, client.patch, client.delete):
        assert method(URL).status_code == 405
