"""What is told of messages of conversations: to sockets of v2 at once, to plain ones nothing."""

import pytest

from core.models import User
from core.notifications import publish
from core.notifications.frames import message_changed, message_frame
from tests.sockets.conftest import Tell
from tests.sockets.live import Server
from tests.sockets.test_v2 import opened

pytestmark = pytest.mark.django_db(transaction=True)


def test_messages_come_in_order_and_none_replaces_another(server: Server, ada: User, tell: Tell) -> None:
    plain, (socket, _) = server.joined(ada), opened(server, ada)
    said = {"id": 5, "body": "It blinks."}
    frames = [
        message_frame("posted", 7, said, unread_message_count=1, at=2.0),
        message_frame("edited", 7, said, unread_message_count=1, at=1.0),  # overtook the other on its way
        message_frame("read", 7, None, unread_message_count=0, at=3.0),
    ]
    publish.push([(ada.pk, message_changed(frame)) for frame in frames])
    assert socket.frames(3) == frames
    assert frames[2] == {
        "type": "message",
        "action": "read",
        "conversation": 7,
        "message": None,
        "unread_message_count": 0,
        "timestamp": 3.0,
    }
    tell()
    assert plain.frame()["type"] == "notification"
    assert socket.frame()["seq"] == 1
