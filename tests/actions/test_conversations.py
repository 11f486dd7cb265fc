"""The rooms of tickets: whoever loses sight of a ticket loses its room, and what was unread there."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actions import conversations, members, messages, tickets, users
from core.domain.errors import NotVisible
from core.models import Conversation, NotificationLog, ReadMarker, Role, Ticket, User, Watch
from core.notifications import state
from tests.conftest import MakeTicket
from tests.conversations import assert_unread_fits, direct, room_of, say, unread
from tests.tickets import newcomers

pytestmark = pytest.mark.django_db

Frames = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def ticket(make_ticket: MakeTicket, dan: User) -> Ticket:
    return make_ticket(assigned_to=[dan])


@pytest.fixture
def room(ticket: Ticket) -> Conversation:
    return room_of(ticket)


@pytest.fixture
def pushed(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
) -> Callable[[Callable[[], Any]], Frames]:
    """What a call tells open clients of messages: of whom, and the frame."""

    def frames_of(call: Callable[[], Any]) -> Frames:
        sent: list[tuple[int, dict[str, Any]]] = []
        with monkeypatch.context() as patch:
            patch.setattr("core.actions.unread.push", sent.extend)
            with django_capture_on_commit_callbacks(execute=True):
                call()
        names = dict(User.objects.values_list("pk", "username"))
        assert {message["type"] for _, message in sent} <= {"message.changed"}
        return [(names[pk], message["frame"]) for pk, message in sent]

    return frames_of


def loses(room: Conversation, user: User) -> None:
    """It is not there for this person, and counts no more."""
    with pytest.raises(NotVisible):
        messages.post(actor=user, conversation_id=room.pk, body="Hello?")
    with pytest.raises(NotVisible):
        conversations.mark_read(actor=user, conversation_id=room.pk)
    assert not Conversation.objects.visible_to(user).filter(pk=room.pk).exists()
    assert unread(user) == 0
    assert_unread_fits()


def reassign(ada: User, ticket: Ticket, *people: User) -> None:
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[user.pk for user in people])


def test_who_is_taken_off_loses_the_room_and_finds_it_again_with_what_was_said(
    room: Conversation, ticket: Ticket, ada: User, dan: User, dora: User, cleo: User
) -> None:
    say(room, cleo)
    say(direct(ada, dan), ada)
    assert unread(dan) == 2
    reassign(ada, ticket, dora)
    assert (unread(dan), unread(dora)) == (1, 0)
    say(room, cleo, "Meanwhile.")
    assert (unread(dan), unread(dora)) == (1, 1)  # what was said before she came counts as read
    reassign(ada, ticket, dan, dora)
    assert (unread(dan), unread(dora)) == (3, 1)
    assert_unread_fits()


def test_who_watches_no_more_loses_the_room(
    room: Conversation, ticket: Ticket, dan: User, dora: User, cleo: User
) -> None:
    for user in (dora, dan):
        Watch.objects.create(ticket=ticket, user=user, created_at=ticket.created_at)
    say(room, cleo)
    for user in (dora, dan):
        tickets.unwatch(actor=user, ticket_id=ticket.pk)
    loses(room, dora)
    assert unread(dan) == 1  # works on it


def test_a_deleted_ticket_has_no_room(room: Conversation, ticket: Ticket, ada: User, dan: User, cleo: User) -> None:
    say(room, cleo)
    say(room, dan)
    tickets.delete(actor=ada, ticket_id=ticket.pk)
    for user in (ada, dan, cleo):
        loses(room, user)
    assert members.of_each([room.pk]) == {room.pk: {}}


def test_another_role_sees_other_rooms(room: Conversation, ada: User, dan: User, cleo: User) -> None:
    say(room, cleo)
    users.change(actor=ada, account=dan, changes={"role": Role.CLIENT})
    loses(room, User.objects.get(pk=dan.pk))
    say(room, cleo)
    users.change(actor=ada, account=dan, changes={"role": Role.ADMIN})
    assert unread(dan) == 2


def test_who_comes_back_finds_what_was_said_meanwhile(room: Conversation, ada: User, dan: User, cleo: User) -> None:
    say(room, cleo)
    users.deactivate(actor=ada, account=dan)
    say(room, cleo)
    assert ReadMarker.objects.get(user=dan).unread == 1  # stands still
    users.activate(account=dan)
    assert unread(dan) == 2
    assert_unread_fits()


def test_words_that_are_deleted_are_taken_from_those_who_have_left_as_well(
    room: Conversation, ticket: Ticket, ada: User, dan: User, dora: User, cleo: User
) -> None:
    said = say(room, cleo, "Swordfish.")
    reassign(ada, ticket, dora)
    messages.delete(actor=cleo, conversation_id=room.pk, message_id=said.pk)
    assert not NotificationLog.objects.filter(message__contains="Swordfish").exists()
    assert_unread_fits()


def test_open_clients_of_all_members_are_told(
    pushed: Callable[[Callable[[], Any]], Frames], room: Conversation, ada: User, dan: User, cleo: User
) -> None:
    told = pushed(lambda: say(room, dan, "It blinsk."))
    said = room.messages.get()
    assert {(who, frame["unread_message_count"]) for who, frame in told} == {("ada", 1), ("dan", 0), ("cleo", 1)}
    for action, call in (
        ("edited", lambda: messages.edit(actor=dan, conversation_id=room.pk, message_id=said.pk, body="It blinks.")),
        ("deleted", lambda: messages.delete(actor=dan, conversation_id=room.pk, message_id=said.pk)),
    ):
        told += pushed(call)
        assert sorted(who for who, _ in told[-3:]) == ["ada", "cleo", "dan"]
        assert told[-1][1]["action"] == action
    assert [frame["message"]["body"] for _, frame in told] == 3 * ["It blinsk."] + 3 * ["It blinks."] + 3 * [""]
    assert {(frame["type"], frame["conversation"], frame["message"]["id"]) for _, frame in told} == {
        ("message", room.pk, said.pk)
    }
    for name in ("ada", "dan", "cleo"):
        times = [frame["timestamp"] for who, frame in told if who == name]
        assert all(before < after for before, after in pairwise(times))
    assert [value["data"] for value in state.values(cleo.pk, 0) if value["name"] == "unread_message_count"] == [0]


def test_only_the_readers_own_devices_hear_that_it_is_read(
    pushed: Callable[[Callable[[], Any]], Frames], room: Conversation, dan: User, cleo: User
) -> None:
    say(room, dan)
    [(who, frame)] = pushed(lambda: conversations.mark_read(actor=cleo, conversation_id=room.pk))
    assert (who, frame["action"], frame["message"], frame["unread_message_count"]) == ("cleo", "read", None, 0)
    assert pushed(lambda: conversations.mark_read(actor=cleo, conversation_id=room.pk)) == []


def test_open_clients_hear_of_a_room_that_is_lost_or_found(
    pushed: Callable[[Callable[[], Any]], Frames],
    room: Conversation,
    ticket: Ticket,
    ada: User,
    dan: User,
    dora: User,
    cleo: User,
) -> None:
    say(room, cleo)
    told = pushed(lambda: reassign(ada, ticket, dora))
    assert [(who, frame["action"], frame["unread_message_count"]) for who, frame in told] == [
        ("dan", "left", 0),
        ("dora", "joined", 0),
    ]


def test_losing_a_room_takes_as_many_queries_for_many_as_for_one(
    make_ticket: MakeTicket, ada: User, cleo: User
) -> None:
    people = newcomers(Role.DEVELOPER, 6)

    def lost_by(*team: User) -> int:
        ticket = make_ticket(assigned_to=team)
        say(room_of(ticket), cleo)
        with CaptureQueriesContext(connection) as captured:
            tickets.delete(actor=ada, ticket_id=ticket.pk)
        return len(captured)

    assert lost_by(people[0]) == lost_by(*people[1:])


def test_members_are_those_to_whom_it_is_visible(
    make_ticket: MakeTicket, ada: User, dan: User, dora: User, cleo: User, carl: User
) -> None:
    rooms = [room_of(make_ticket(assigned_to=team, created_by=who)) for team, who in (([], cleo), ([dan], carl))]
    rooms += [direct(ada, dora), direct(cleo, carl)]
    Watch.objects.create(ticket_id=rooms[0].ticket_id or 0, user=dora, created_at=rooms[0].created_at)
    for room, found in members.of_each([room.pk for room in rooms]).items():
        people = [
            user for user in (ada, dan, dora, cleo, carl) if Conversation.objects.visible_to(user).filter(pk=room)
        ]
        assert set(found) == {user.pk for user in people}
