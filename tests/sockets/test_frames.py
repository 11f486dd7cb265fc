"""A plain client gets one frame per notification, and nothing else."""

import time

import pytest
from django.db import OperationalError, transaction

from core.actions import inbox, tickets
from core.models import NotificationLog, Status, User
from core.models.notification import SYSTEM
from core.notifications import publish
from core.notifications.frames import announced, moved, state_frame, timestamp
from tests.conftest import MakeTicket
from tests.sockets.conftest import Lost, Tell
from tests.sockets.live import Server

pytestmark = pytest.mark.django_db(transaction=True)


def newest(user: User) -> NotificationLog:
    return NotificationLog.objects.filter(recipient=user, notification_type=SYSTEM).latest("pk")


def test_a_frame_has_exactly_what_the_contract_says(
    server: Server, ada: User, dan: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(title="Bug Fix", priority="HIGH")
    socket = server.joined(dan)
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk])
    row = newest(dan)
    assert socket.frame() == {
        "notification_type": "ticket_assigned",
        "message": "You have been assigned to ticket: Bug Fix",
        "ticket": {
            "id": ticket.pk,
            "number": ticket.number,
            "title": "Bug Fix",
            "status": "OPEN",
            "status_display": "Open",
            "priority": "HIGH",
        },
        "timestamp": timestamp(row.created_at),
        "type": "notification",
        "id": row.pk,
        "seq": row.seq,
        "event": "ticket_assigned",
        "actor": {"id": ada.pk, "username": "ada", "full_name": ada.full_name},
        "resource_type": "ticket",
        "resource_id": ticket.pk,
        "url": f"/api/tickets/{ticket.pk}/",
        "unread_count": 1,
    }
    assert timestamp(row.created_at).endswith("Z")
    assert socket.silent()


def test_every_step_of_a_ticket_reaches_exactly_those_who_are_told(
    server: Server, ada: User, dan: User, dora: User, cleo: User, carl: User, make_ticket: MakeTicket
) -> None:
    sockets = {user.username: server.joined(user) for user in (ada, dan, dora, cleo, carl)}
    make_ticket(Status.CLOSED)
    heard = {
        "ada": ["ticket_created", "work_finished", "ticket_approved"],
        "dan": ["ticket_assigned", "ticket_approved"],
        "cleo": ["ticket_opened", "work_started", "work_finished"],
        "dora": [],
        "carl": [],
    }
    for name, events in heard.items():
        frames = sockets[name].frames(len(events))
        assert [frame["event"] for frame in frames] == events
        positions = list(range(1, len(events) + 1))
        assert [frame["seq"] for frame in frames] == positions
        # What is read from the database, since its push was overtaken, comes with the count of that moment.
        counts = [frame["unread_count"] for frame in frames]
        assert counts[-1:] == positions[-1:]
        assert all(position <= count <= len(events) for position, count in zip(positions, counts, strict=True))
    assert all(socket.silent(0.05) for socket in sockets.values())


def test_a_frame_comes_within_a_second_on_each_of_a_persons_sockets(server: Server, ada: User, tell: Tell) -> None:
    sockets = [server.joined(ada) for _ in range(3)]
    seconds = []
    for _ in range(3):
        began = time.monotonic()
        tell()
        assert len({socket.frame()["id"] for socket in sockets}) == 1
        seconds.append(time.monotonic() - began)
    assert min(seconds) < 1  # the machine may do something else now and then
    assert all(socket.silent(0.05) for socket in sockets)


def test_what_was_there_before_is_not_sent(server: Server, ada: User, tell: Tell) -> None:
    tell()
    socket = server.joined(ada)
    assert socket.silent()
    tell()
    assert socket.frame()["seq"] == 2


def test_reading_and_archiving_say_nothing_and_move_the_count_of_the_next_frame(
    server: Server, ada: User, tell: Tell
) -> None:
    for _ in range(5):
        tell()
    keys = list(NotificationLog.objects.filter(recipient=ada, notification_type=SYSTEM).values_list("pk", flat=True))
    socket = server.joined(ada)
    inbox.mark_read(user=ada, ids=keys[:2])
    inbox.archive(user=ada, notification_id=keys[2])
    inbox.mark_unread(user=ada, notification_id=keys[0])
    assert socket.silent()
    tell()
    assert socket.frame()["unread_count"] == 4
    inbox.mark_all_read(user=ada)
    tell()
    assert socket.frame()["unread_count"] == 1
    assert socket.silent()


def test_what_is_rolled_back_is_told_to_nobody(server: Server, ada: User, tell: Tell) -> None:
    socket = server.joined(ada)
    with transaction.atomic():
        tell()
        transaction.set_rollback(True)
    assert not NotificationLog.objects.exists()
    assert socket.silent()


def test_the_next_position_is_sent_as_it_comes_and_the_same_or_an_earlier_one_is_dropped(
    server: Server, ada: User, tell: Tell
) -> None:
    tell()
    socket, row = server.joined(ada), newest(ada)
    for seq in (1, 2, 2, 1, 0, 3):
        row.seq = seq
        publish.push([(ada.pk, announced(row, unread_count=seq))])
    assert [frame["seq"] for frame in socket.frames(2)] == [2, 3]
    assert socket.silent()


def test_a_gap_is_filled_from_the_database_in_order(server: Server, ada: User, tell: Tell, lost: Lost) -> None:
    socket = server.joined(ada)
    with lost():
        for _ in range(3):
            tell()
    assert socket.silent()
    tell()
    frames = socket.frames(4)
    assert [frame["seq"] for frame in frames] == [1, 2, 3, 4]
    assert frames[-1]["unread_count"] == 4
    assert socket.silent()


def test_a_gap_before_another_change_is_filled_too(server: Server, ada: User, tell: Tell, lost: Lost) -> None:
    socket = server.joined(ada)
    with lost():
        tell()
    inbox.mark_all_read(user=ada)
    frame = socket.frame()
    assert (frame["seq"], frame["unread_count"]) == (1, 0)
    tell()
    assert socket.frame()["seq"] == 3
    assert socket.silent()


def test_messages_that_overtake_each_other_are_put_in_order(server: Server, ada: User, tell: Tell, lost: Lost) -> None:
    socket = server.joined(ada)
    with lost() as held:
        tell()
        tell()
    for messages in reversed(held):
        publish.push(messages)
    assert [frame["seq"] for frame in socket.frames(2)] == [1, 2]
    assert socket.silent()


def test_a_read_elsewhere_needs_no_look_into_the_database(
    server: Server, ada: User, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell()
    socket = server.joined(ada)
    monkeypatch.setattr("core.consumers.read_on", None)
    inbox.mark_all_read(user=ada)
    tell()
    assert socket.frame()["seq"] == 3


def test_much_that_was_missed_is_read_in_several_batches(
    server: Server, ada: User, tell: Tell, lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.consumers.REPLAY_BATCH", 2)
    socket = server.joined(ada)
    with lost():
        for _ in range(6):
            tell()
    publish.push([(ada.pk, moved(state_frame(6, unread_count=6)))])
    assert [frame["seq"] for frame in socket.frames(6)] == [1, 2, 3, 4, 5, 6]
    assert socket.silent(0.1)
    tell()
    assert socket.frame()["seq"] == 7


def test_what_is_committed_while_a_socket_joins_is_not_lost(
    server: Server, ada: User, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.notifications.subscribe.AGAIN_AFTER", 0.2)
    with monkeypatch.context() as away:
        away.setattr("core.notifications.subscribe.Subscription._listen", None)
        socket = server.watched(ada)
        tell()
        assert socket.silent(0.1)
    assert socket.frame()["seq"] == 1
    assert socket.silent()


def test_the_database_away_for_a_moment_closes_no_socket_and_loses_nothing(
    server: Server, ada: User, tell: Tell, lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = server.joined(ada)
    with lost():
        tell()
    with monkeypatch.context() as away:
        away.setattr("core.consumers.read_on", unreachable)
        tell()
        assert socket.silent()
    tell()
    assert [frame["seq"] for frame in socket.frames(3)] == [1, 2, 3]


def unreachable(user_id: int, seq: int) -> None:
    raise OperationalError
