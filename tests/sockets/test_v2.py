"""A v2 client: hello, what it missed, what happens elsewhere, and its commands."""

from typing import Any

import pytest

from core.actions import inbox, sessions
from core.models import Feed, NotificationLog, User
from core.models.notification import SYSTEM
from core.notifications import publish
from core.notifications.frames import timestamp
from tests.sockets.conftest import Lost, Tell
from tests.sockets.live import Client, Server

pytestmark = pytest.mark.django_db(transaction=True)


def opened(server: Server, who: User | str, query: str = "") -> tuple[Client, dict[str, Any]]:
    """A joined v2 socket and its hello."""
    socket = server.joined(who, query="v=2" + query)
    hello = socket.frame()
    assert hello["type"] == "hello"
    return socket, hello


def keys(user: User) -> list[int]:
    rows = NotificationLog.objects.filter(recipient=user, notification_type=SYSTEM).order_by("seq")
    return list(rows.values_list("pk", flat=True))


def test_hello_says_who_where_and_how_much(server: Server, ada: User, tell: Tell) -> None:
    tell()
    found = sessions.start(user=ada)
    socket, hello = opened(server, found.access)
    assert len(hello.pop("connection_id")) == 16
    assert hello == {
        "type": "hello",
        "user_id": ada.pk,
        "epoch": "0",
        "seq": 1,
        "recovered": False,
        "unread_count": 1,
        "ping_interval": 25,
        "session_expires_at": timestamp(found.session.expires_at),
    }
    assert socket.silent()
