"""Just before a message is sent on: who has lost the room or muted its ticket is not told, nor of what was deleted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.actions import messages, tickets
from core.models import Conversation, DeliveryStatus, NotificationLog, Priority, Ticket, User
from core.notifications.deliver import drain
from tests.conftest import MakeTicket
from tests.conversations import direct, room_of, say
from tests.notifications.support import PENDING, Pigeon, row_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(make_ticket: MakeTicket, dan: User) -> Conversation:
    return room_of(make_ticket(assigned_to=[dan]))


def test_what_was_said_in_a_room_that_is_lost_is_not_sent(
    pigeon: Pigeon, room: Conversation, ada: User, dan: User, dora: User, cleo: User
) -> None:
    say(room, cleo)
    tickets.assign(actor=ada, ticket_id=room.ticket_id or 0, assigned_to=[dora.pk])
    drain("PIGEON")
    lost, kept = (row_of(user, "PIGEON", "message_received") for user in (dan, ada))
    assert (lost.status, lost.error) == (DeliveryStatus.CANCELLED, "ticket_out_of_sight")
    assert kept.status == DeliveryStatus.SENT


def test_what_was_deleted_or_muted_meanwhile_is_not_sent(
    pigeon: Pigeon, room: Conversation, ada: User, dan: User, cleo: User
) -> None:
    said = say(room, cleo)
    tickets.mute(actor=dan, ticket_id=room.ticket_id or 0)
    messages.delete(actor=cleo, conversation_id=room.pk, message_id=said.pk)
    drain("PIGEON")
    rows = [row_of(user, "PIGEON", "message_received") for user in (ada, dan)]
    assert [(row.status, row.error) for row in rows] == [
        (DeliveryStatus.CANCELLED, "message_deleted"),
        (DeliveryStatus.CANCELLED, "muted"),
    ]


def test_many_messages_of_one_conversation_go_as_one(pigeon: Pigeon, ada: User, cleo: User) -> None:
    conversation = direct(ada, cleo)
    for number in range(12):
        say(conversation, ada, f"Message {number}")
    drain("PIGEON")
    (together,) = pigeon.sent
    assert together.text == together.subject == "12 new messages: Message from Ada Admin"
    assert [line.text for line in together.lines] == [f"Message from Ada Admin — “Message {n}”" for n in range(12)]


def test_who_talks_in_a_critical_room_owes_no_minutes_when_it_is_calm_again(
    pigeon: Pigeon, room: Conversation, cleo: User
) -> None:
    ticket = Ticket.objects.filter(conversation=room)
    ticket.update(priority=Priority.CRITICAL)
    for _ in range(3):
        say(room, cleo)
    drain("PIGEON")
    ticket.update(priority=Priority.LOW)
    say(room, cleo)
    drain("PIGEON")
    waiting = NotificationLog.objects.filter(notification_type="PIGEON", status=PENDING)
    assert set(waiting.values_list("error", flat=True)) == {"merging"}
    assert not waiting.filter(next_attempt_at__gt=timezone.now() + timedelta(minutes=1)).exists()
