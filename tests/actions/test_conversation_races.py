"""People who open, write, read and lose conversations at the same moment: one conversation, and counts that are right.

On SQLite they queue; on PostgreSQL they meet at the locks.
"""

from functools import partial
from threading import Event

import pytest
from django.db import connection, transaction

from core.actions import conversations, messages, tickets, users
from core.models import Conversation, Feed, Role, User
from tests.actions.test_ticket_races import assert_feeds_fit, somebody_waits_for_a_lock, together
from tests.conftest import MakeTicket
from tests.conversations import assert_unread_fits, direct, room_of, say, unread
from tests.notifications.support import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_open_the_same_at_once_get_the_same(ada: User, cleo: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket()
    calls = [
        partial(conversations.open_direct, actor=ada, member_id=cleo.pk),
        partial(conversations.open_direct, actor=cleo, member_id=ada.pk),
        *2 * [partial(conversations.open_room, actor=cleo, ticket_id=ticket.pk)],
    ]
    assert together(*calls, *calls) == {"tuple": 8}
    assert Conversation.objects.count() == 2


def test_what_is_written_while_others_read_is_counted_right(
    ada: User, dan: User, cleo: User, make_ticket: MakeTicket
) -> None:
    rooms = [room_of(make_ticket(assigned_to=[dan])), direct(ada, cleo)]
    write = [partial(messages.post, actor=who, conversation_id=rooms[0].pk, body="Hello!") for who in (ada, dan, cleo)]
    write += [partial(messages.post, actor=who, conversation_id=rooms[1].pk, body="Hello!") for who in (ada, cleo)]
    read = [partial(conversations.mark_read, actor=who, conversation_id=rooms[0].pk) for who in (ada, cleo)]
    for _ in range(2):
        assert together(*write, *read) == {"ConversationMessage": 5, "Read": 2}
        assert_unread_fits()
    keys = list(rooms[0].messages.order_by("created_at").values_list("pk", flat=True))
    assert keys == sorted(keys)
    for who in (ada, dan, cleo):
        for room in rooms:
            if Conversation.objects.visible_to(who).filter(pk=room.pk).exists():
                conversations.mark_read(actor=who, conversation_id=room.pk)
        assert unread(who) == 0
        told = Feed.objects.get(user=who).unread["SYSTEM"]
        assert "message_received" not in told


def test_writing_deleting_reading_and_losing_at_once_leave_counts_that_fit(
    ada: User, dan: User, dora: User, cleo: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    room = room_of(ticket)
    for _ in range(3):
        said = messages.post(actor=cleo, conversation_id=room.pk, body="Hello!")
        together(
            partial(messages.post, actor=cleo, conversation_id=room.pk, body="Hello?"),
            partial(messages.delete, actor=cleo, conversation_id=room.pk, message_id=said.pk),
            partial(conversations.mark_read, actor=dan, conversation_id=room.pk, up_to=said.pk),
            partial(tickets.assign, actor=ada, ticket_id=ticket.pk, assigned_to=[dora.pk]),
            partial(tickets.assign, actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk]),
            partial(tickets.add_comment, actor=cleo, ticket_id=ticket.pk, comment="Hello?"),
        )
        assert_unread_fits()


def test_whose_role_changes_while_somebody_writes_is_counted_right(
    ada: User, dan: User, cleo: User, make_ticket: MakeTicket
) -> None:
    room = room_of(make_ticket(assigned_to=[dan]))
    for role in (Role.CLIENT, Role.DEVELOPER, Role.CLIENT):
        account = User.objects.get(pk=dan.pk)
        found = together(
            *3 * [partial(messages.post, actor=cleo, conversation_id=room.pk, body="Hello!")],
            partial(users.change, actor=ada, account=account, changes={"role": role}),
        )
        assert found == {"ConversationMessage": 3, "User": 1}
        if role == Role.CLIENT:
            assert_unread_fits()
    assert unread(dan) == 0
    assert_feeds_fit()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="needs PostgreSQL")
def test_whose_new_role_is_not_committed_yet_and_who_writes_meanwhile_wait_for_each_other(
    ada: User, dan: User, cleo: User, make_ticket: MakeTicket
) -> None:
    room = room_of(make_ticket(assigned_to=[dan]))

    def change_while_somebody_writes(role: Role) -> None:
        changed, said = Event(), Event()

        def change() -> None:
            with transaction.atomic():
                users.change(actor=ada, account=User.objects.get(pk=dan.pk), changes={"role": role})
                changed.set()
                wait_until(lambda: said.is_set() or somebody_waits_for_a_lock(), within=10)

        def write() -> None:
            changed.wait()
            messages.post(actor=cleo, conversation_id=room.pk, body="Hello!")
            said.set()

        assert together(change, write) == {"NoneType": 2}
        assert_unread_fits()

    change_while_somebody_writes(Role.CLIENT)  # nothing was told him so far
    assert unread(dan) == 0
    users.change(actor=ada, account=User.objects.get(pk=dan.pk), changes={"role": Role.DEVELOPER})
    say(room, cleo)
    users.change(actor=ada, account=User.objects.get(pk=dan.pk), changes={"role": Role.CLIENT})
    change_while_somebody_writes(Role.ADMIN)
    assert unread(dan) == 2
