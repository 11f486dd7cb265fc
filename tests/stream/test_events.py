"""What a stream tells, and the ids it tells it under."""

import pytest

from core.actions import inbox
from core.domain.change import Person
from core.models import NotificationLog, User
from core.notifications import state
from core.notifications.frames import message_changed, message_frame, talk_heard, typing_frame
from core.notifications.publish import push
from core.stream import HEARTBEAT
from tests.sockets.conftest import Lost, Tell
from tests.stream.live import Streams

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_happens_is_told_at_once_under_its_position(streams: Streams, ada: User, tell: Tell) -> None:
    stream = streams.open(ada)
    ticket = tell()
    told = stream.event()
    assert (told.name, told.id) == ("notification", "0:1")
    assert (told.data["event"], told.data["resource_id"], told.data["is_read"]) == ("ticket_created", ticket.pk, False)
    assert "replay" not in told.data
    key = NotificationLog.objects.get(recipient=ada, notification_type="SYSTEM").pk
    inbox.mark_read(user=ada, ids=[key])
    moved = stream.event()
    assert (moved.name, moved.id) == ("state", "0:2")
    assert moved.data == {"type": "state", "seq": 2, "read_ids": [key], "unread_count": 0}


def test_what_has_no_position_has_that_of_its_client(streams: Streams, ada: User, tell: Tell) -> None:
    tell()
    stream = streams.open(ada)
    state.report_progress(ada.pk, 7, 40)
    told = stream.event()
    assert (told.name, told.id) == ("task_progress", "0:1")
    assert told.data["tasks"] == [{"task_id": 7, "progress": 40}]


def test_messages_come_with_all_they_say_and_talk_does_not(streams: Streams, ada: User, tell: Tell) -> None:
    tell()
    stream = streams.open(ada)
    typed = typing_frame(7, Person(2, "dan", "Dan Developer"))
    said = message_frame("posted", 7, {"id": 5, "body": "It blinks."}, unread_message_count=1, at=2.0)
    push([(ada.pk, talk_heard(typed)), (ada.pk, message_changed(said))])
    told = stream.event()
    assert (told.name, told.id, told.data) == ("message", "0:1", said)


def test_who_resumes_misses_nothing_and_gets_nothing_twice(streams: Streams, ada: User, tell: Tell) -> None:
    tell()
    with streams.open(ada) as stream:
        tell()
        last = stream.event().id
    tell()
    resumed = streams.open(ada, last=last)
    tell()
    assert [(event.name, event.id) for event in resumed.events(3)] == [
        ("notification", "0:3"),
        ("heartbeat", "0:3"),
        ("notification", "0:4"),
    ]


def test_what_the_layer_lost_is_read_from_the_database_or_is_a_reset(
    streams: Streams, ada: User, tell: Tell, lost: Lost, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.notifications.feed.MOST", 1)
    stream = streams.open(ada)
    with lost():
        tell()
        assert [(event.name, event.id) for event in stream.events(2)] == [("notification", "0:1"), ("heartbeat", "0:1")]
    monkeypatch.setattr("core.notifications.feed.MOST", 0)
    with lost():
        tell()
        assert [(event.name, event.id) for event in stream.events(2)] == [("reset", "0:2"), ("heartbeat", "0:2")]
    tell()
    assert stream.event().id == "0:3"


def test_heartbeats_come_whether_anything_happens_or_not(
    streams: Streams, ada: User, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.stream.Stream.longest_silence", 0.2)
    beats = streams.open(ada).events(3)
    assert {(event.name, event.id, str(event.data)) for event in beats} == {("heartbeat", "0:0", "{}")}
    assert HEARTBEAT == 15
