"""Who may open a socket: refused ones are accepted, then closed with the code, without a frame."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import override_settings
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from core.actions import sessions
from core.models import Session, User
from core.socket_auth import MAX_SOCKETS, open_sockets, origin_allowed
from tests.sockets.conftest import Tell
from tests.sockets.live import Server, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c", "%00", "x" * 5000])
def test_without_a_token_of_ours_it_is_closed_with_4401(server: Server, ada: User, token: str | None) -> None:
    assert server.open(token).code() == 4401


def test_an_expired_a_refresh_and_an_ended_sessions_token_are_refused(server: Server, ada: User) -> None:
    found = sessions.start(user=ada)
    expired = AccessToken(found.access)  # type: ignore[arg-type]  # the library means the encoded text
    expired.set_exp(from_time=timezone.now() - timedelta(hours=1))
    assert server.open(str(expired)).code() == 4401
    assert server.open(found.refresh).code() == 4401
    sessions.sign_out(session=found.session, refresh=found.refresh)
    assert server.open(found.access).code() == 4401


def test_a_session_past_its_time_is_refused(server: Server, ada: User) -> None:
    found = sessions.start(user=ada)
    Session.objects.update(expires_at=timezone.now())
    assert server.open(found.access).code() == 4401


def test_somebody_deactivated_is_refused_with_4403(server: Server, ada: User) -> None:
    found = sessions.start(user=ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert server.open(found.access).code() == 4403


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "https://app.example.com.evil.example.com",
        "https://app.example.com:8443",
        "http://app.example.com",
        "null",
        "",
        "http://[::1",
        "http://evil@testserver",
    ],
)
def test_a_page_of_somebody_else_is_refused_with_4403(server: Server, ada: User, origin: str) -> None:
    assert server.open(ada, origin=origin).code() == 4403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://app.example.com"},
        {"origin": "http://testserver"},
        {"origin": "http://127.0.0.1:8000", "host": "127.0.0.1:8000"},
        {"origin": "https://localhost", "host": "localhost"},
    ],
)
def test_native_clients_our_own_pages_and_allowed_ones_come_in(
    server: Server, ada: User, tell: Tell, headers: dict[str, str]
) -> None:
    socket = server.joined(ada, **headers)
    tell()
    assert socket.frame()["event"] == "ticket_created"


def test_a_host_that_is_not_ours_makes_no_origin_ours() -> None:
    assert not origin_allowed("http://rebound.example.com", "rebound.example.com")
    assert not origin_allowed("null", "")
    with override_settings(PUBLIC_URL="https://incidents.example.com"):
        assert origin_allowed("https://incidents.example.com", "proxied:8000")


def test_in_demo_mode_a_front_end_may_be_developed_on_this_machine() -> None:
    with override_settings(CORS_ALLOWED_ORIGIN_REGEXES=[r"^http://(localhost|127\.0\.0\.1)(:\d+)?$"]):
        assert origin_allowed("http://localhost:5173", "127.0.0.1:8000")
        assert not origin_allowed("http://localhost.example.com", "127.0.0.1:8000")


def test_past_the_last_place_it_is_4409_until_somebody_leaves(
    server: Server, ada: User, dan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sessions.start(user=ada).access
    sockets = [server.watched(token) for _ in range(MAX_SOCKETS)]
    for _ in range(2):
        assert server.open(token).code() == 4409
    assert server.watched(dan).silent(0)
    sockets[0].leave()
    server.watched(token)
    assert server.open(token).code() == 4409
    assert open_sockets == {ada.pk: MAX_SOCKETS, dan.pk: 1}


def test_of_many_that_come_at_once_no_more_than_allowed_come_in(
    server: Server, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.socket_auth.MAX_SOCKETS", 3)
    token = sessions.start(user=ada).access
    sockets = [server.open(token) for _ in range(8)]
    wait_until(lambda: sum(not socket.silent(0) for socket in sockets) == 5)
    assert sorted(socket.code() for socket in sockets if not socket.silent(0)) == [4409] * 5
    assert open_sockets == {ada.pk: 3}


def test_a_client_that_leaves_while_it_is_admitted_takes_no_place(server: Server, ada: User) -> None:
    token = sessions.start(user=ada).access
    for _ in range(5):
        server.open(token).leave()
    assert open_sockets == {}


@pytest.mark.parametrize("step", ["core.socket_auth.one_time_tickets.authenticate", "core.consumers.feed.read"])
def test_without_a_database_it_is_closed_and_no_place_is_lost(
    server: Server, ada: User, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def away(*arguments: Any) -> None:
        raise OperationalError

    token = sessions.start(user=ada).access
    monkeypatch.setattr(step, away)
    assert server.open(token).code() == 1011
    assert open_sockets == {}


def test_an_unknown_path_is_4404(server: Server, ada: User) -> None:
    assert server.open(ada, path="/ws/nothing/").code() == 4404
