"""A v2 client: hello, what it missed, what happens elsewhere, and its commands."""

from typing import Any

import pytest
from django.db import OperationalError

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


def failing(error: type[Exception]) -> Any:
    def fail(*arguments: Any) -> None:
        raise error

    return fail


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


def test_new_ones_come_with_what_a_plain_frame_has_and_how_they_are(server: Server, ada: User, tell: Tell) -> None:
    plain, (socket, _) = server.joined(ada), opened(server, ada)
    tell()
    assert socket.frame() == plain.frame() | {"changed_seq": 1, "is_read": False, "is_archived": False}
    assert plain.silent()
    assert socket.silent(0)


def test_what_was_missed_follows_hello_states_first(server: Server, ada: User, tell: Tell) -> None:
    for _ in range(5):
        tell()
    first, second, _, fourth, fifth = keys(ada)
    inbox.mark_read(user=ada, ids=[first, fourth])
    inbox.archive(user=ada, notification_id=second)
    socket, hello = opened(server, ada, "&since=3&epoch=0")
    assert (hello["recovered"], hello["seq"], hello["unread_count"]) == (True, 7, 2)
    assert socket.frame() == {
        "type": "state",
        "seq": 3,
        "read_ids": [first],
        "archived_ids": [second],
        "unread_count": 2,
    }
    frames = socket.frames(2)
    assert [(frame["id"], frame["seq"], frame["is_read"]) for frame in frames] == [(fourth, 4, True), (fifth, 5, False)]
    assert all(frame["replay"] and frame["unread_count"] == 2 for frame in frames)
    assert socket.frame() == {"type": "replay_complete", "seq": 7}
    tell()
    assert socket.frame()["seq"] == 8
    assert socket.silent()


def test_a_client_that_missed_nothing_is_told_so(server: Server, ada: User, tell: Tell) -> None:
    tell()
    socket, hello = opened(server, ada, "&since=1")
    assert hello["recovered"]
    assert socket.frame() == {"type": "replay_complete", "seq": 1}
    assert socket.silent()


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("&since=2&epoch=other", "epoch"),
        ("&since=4&epoch=0", "ahead"),
        ("&since=1&epoch=0", "trimmed"),
        ("&since=2&epoch=0", "too_many"),
    ],
)
def test_what_cannot_be_told_whole_is_a_reset(
    server: Server, ada: User, tell: Tell, monkeypatch: pytest.MonkeyPatch, query: str, reason: str
) -> None:
    for _ in range(3):
        tell()
    Feed.objects.update(min_seq=2)
    monkeypatch.setattr("core.notifications.feed.MOST", 0)
    socket, hello = opened(server, ada, query)
    assert (hello["recovered"], hello["seq"], hello["epoch"]) == (False, 3, "0")
    assert socket.frame() == {"type": "reset", "reason": reason, "epoch": "0", "seq": 3}
    tell()
    assert socket.frame()["seq"] == 4
    assert socket.silent()


@pytest.mark.parametrize("query", ["&since=-1", "&since=x", "&since=9223372036854775808", "&since=0&epoch=" + "x" * 17])
def test_a_position_that_is_none_is_an_error_and_the_socket_stays(
    server: Server, ada: User, tell: Tell, query: str
) -> None:
    tell()
    socket, hello = opened(server, ada, query)
    assert (hello["recovered"], hello["seq"]) == (False, 1)
    error = socket.frame()
    assert (error["type"], error["ref"], error["code"], error["retryable"]) == ("error", None, "invalid", False)
    tell()
    assert socket.frame()["seq"] == 2
    assert socket.silent()


def test_what_happens_elsewhere_comes_as_states(server: Server, ada: User, tell: Tell) -> None:
    for _ in range(3):
        tell()
    first, second, third = keys(ada)
    plain, (socket, _) = server.joined(ada), opened(server, ada)
    inbox.mark_read(user=ada, ids=[first, second])
    inbox.mark_unread(user=ada, notification_id=second)
    inbox.archive(user=ada, notification_id=third)
    inbox.mark_all_read(user=ada)
    assert socket.frames(4) == [
        {"type": "state", "seq": 4, "read_ids": [second, first], "unread_count": 1},
        {"type": "state", "seq": 5, "unread_ids": [second], "unread_count": 2},
        {"type": "state", "seq": 6, "archived_ids": [third], "unread_count": 1},
        {"type": "state", "seq": 7, "all_up_to_seq": 6, "unread_count": 0},
    ]
    assert plain.silent()


def test_a_gap_is_replayed(server: Server, ada: User, tell: Tell, lost: Lost) -> None:
    socket, _ = opened(server, ada)
    tell()
    assert socket.frame()["seq"] == 1
    with lost():
        tell()
    inbox.mark_read(user=ada, ids=keys(ada))
    state, missed, complete = socket.frames(3)
    assert (state["type"], state["seq"], state["read_ids"]) == ("state", 1, keys(ada)[:1])
    assert (missed["seq"], missed["is_read"], missed["replay"]) == (2, True, True)
    assert complete == {"type": "replay_complete", "seq": 3}
    assert socket.silent()


def test_what_cannot_be_read_now_is_read_with_the_next_message(
    server: Server, ada: User, tell: Tell, lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket, _ = opened(server, ada)
    with lost():
        tell()
    release_before = {"type": "feed.moved", "seq": 1}  # it does not say what moved
    with monkeypatch.context() as away:
        away.setattr("core.notifications.feed.replay", failing(OperationalError))
        publish.push([(ada.pk, release_before)])
        assert socket.silent()
    publish.push([(ada.pk, release_before)])
    assert [frame["type"] for frame in socket.frames(2)] == ["notification", "replay_complete"]


def test_the_progress_of_tasks_comes_too(server: Server, ada: User) -> None:
    plain, (socket, _) = server.joined(ada), opened(server, ada)
    frame = {"type": "task_progress", "tasks": [{"task_id": 7, "progress": 40}], "timestamp": 1.5}
    publish.push([(ada.pk, {"type": "state.changed", "frame": frame})])
    assert socket.frame() == frame
    assert plain.silent()


def test_progress_that_was_overtaken_on_its_way_is_not_told(server: Server, ada: User) -> None:
    socket, _ = opened(server, ada)
    later, earlier = ({"type": "task_progress", "tasks": [], "timestamp": at} for at in (2.5, 1.5))
    for frame in (later, earlier, later | {"timestamp": 3.5}):
        publish.push([(ada.pk, {"type": "state.changed", "frame": frame})])
    assert [frame["timestamp"] for frame in socket.frames(2)] == [2.5, 3.5]


def test_messages_that_only_the_next_release_knows_are_passed_over(server: Server, ada: User, tell: Tell) -> None:
    socket, _ = opened(server, ada)
    publish.push([(ada.pk, {"type": "feed.of_tomorrow"})])
    tell()
    assert socket.frame()["type"] == "notification"


def test_other_versions_are_plain(server: Server, ada: User, tell: Tell) -> None:
    socket = server.joined(ada, query="v=1&since=0")
    tell()
    assert "is_read" not in socket.frame()
    assert socket.silent()
