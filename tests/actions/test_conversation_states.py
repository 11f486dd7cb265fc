"""Whatever people do at the same moment, in whatever order, everybody's count of messages is that of the messages.

On SQLite they queue; on PostgreSQL they meet at the locks. The order is that of pytest-randomly's seed.
"""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from core.actions import conversations, messages, tickets, users
from core.models import Conversation, ConversationMessage, Role, Ticket, User
from tests.actions.test_ticket_races import together
from tests.conftest import MakeTicket
from tests.conversations import assert_unread_fits, direct, room_of
from tests.tickets import newcomers

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, AT_ONCE = 8, 5

Call = Callable[[], Any]


def talking(rooms: list[Conversation]) -> Call:
    """Somebody writes, reads, or takes back; perhaps where it is no member."""
    who, room = random.choice(User.objects.all()), random.choice(rooms)
    post = partial(messages.post, actor=who, conversation_id=room.pk, body="Hello!")
    said = list(ConversationMessage.objects.filter(conversation=room).select_related("author"))
    if not said:
        return post
    one = random.choice(said)
    read = partial(conversations.mark_read, actor=who, conversation_id=room.pk)
    delete = partial(messages.delete, actor=one.author, conversation_id=room.pk, message_id=one.pk)
    ways: list[Call] = [post, post, post, read, partial(read, up_to=one.pk), delete]
    return random.choice(ways)


def moving(ticket: Ticket, admin: User) -> Call:
    """Somebody comes to see the ticket, or loses sight of it."""
    account = random.choice(User.objects.exclude(pk=admin.pk))
    developers = list(User.objects.filter(role=Role.DEVELOPER, is_active=True).values_list("pk", flat=True))
    team = random.sample(developers, len(developers) // 2)
    deactivate = partial(users.deactivate, actor=admin, account=account)
    ways: list[Call] = [
        partial(tickets.assign, actor=admin, ticket_id=ticket.pk, assigned_to=team),
        partial(tickets.watch, actor=account, ticket_id=ticket.pk),
        partial(tickets.unwatch, actor=account, ticket_id=ticket.pk),
        partial(users.change, actor=admin, account=account, changes={"role": random.choice(list(Role))}),
        deactivate if account.is_active else partial(users.activate, account=account),
    ]
    return random.choice(ways)


def test_counts_fit_whatever_happens_at_once(
    ada: User, dan: User, dora: User, cleo: User, carl: User, make_ticket: MakeTicket
) -> None:
    newcomers(Role.ADMIN, 1)
    both = [make_ticket(assigned_to=[dan]), make_ticket(created_by=carl, assigned_to=[dan, dora])]
    rooms = [*map(room_of, both), direct(dan, cleo), direct(ada, carl)]
    for _ in range(ROUNDS):
        calls = [talking(rooms), talking(rooms), talking(rooms)]
        calls += [moving(random.choice(both), ada) for _ in range(AT_ONCE - len(calls))]
        together(*calls)
        assert_unread_fits()
    tickets.delete(actor=ada, ticket_id=both[0].pk)
    assert_unread_fits()
