"""What tests of conversations share: their calls, what is said in them, and that what is unread is counted right."""

from collections.abc import Callable
from typing import Any

from core.actions import conversations, messages
from core.models import Conversation, ConversationMessage, ReadMarker, StateValue, Ticket, User
from core.notifications.state import UNREAD_MESSAGES
from tests import tickets
from tests.tickets import NOBODY_SEES

URL = "/api/conversations/"
NOT_FOUND = {"detail": "Not found.", "code": "not_found"}
NOWHERE = (NOBODY_SEES, 10**30)


def url(conversation: Conversation | int, what: str = "") -> str:
    key = conversation if isinstance(conversation, int) else conversation.pk
    return f"{URL}{key}/{what}/" if what else f"{URL}{key}/"


def message_url(message: ConversationMessage) -> str:
    return url(message.conversation_id, f"messages/{message.pk}")


def direct(one: User, other: User) -> Conversation:
    return conversations.open_direct(actor=one, member_id=other.pk)[0]


def room_of(ticket: Ticket) -> Conversation:
    return conversations.open_room(actor=User.objects.get(username="ada"), ticket_id=ticket.pk)[0]


def say(where: Conversation, who: User, body: str = "Hello!") -> ConversationMessage:
    said = messages.post(actor=who, conversation_id=where.pk, body=body)
    assert_unread_fits()
    return said


def unread(user: User) -> int:
    """As those see it who poll."""
    return StateValue.objects.filter(user=user, name=UNREAD_MESSAGES).values_list("data", flat=True).first() or 0


def assert_unread_fits() -> None:
    """Of everybody, the markers and the count say what the messages say where the person is a member."""
    for user in User.objects.filter(is_active=True):
        markers = ReadMarker.objects.filter(user=user, conversation__in=Conversation.objects.visible_to(user))
        for marker in markers:
            later = marker.conversation.messages.filter(pk__gt=marker.read_up_to, deleted_at=None)
            assert marker.unread == later.exclude(author=user).count(), (user.username, marker.conversation_id)
        assert unread(user) == sum(markers.values_list("unread", flat=True)), user.username


def contents() -> list[list[Any]]:
    tables = (Conversation, ConversationMessage, ReadMarker, StateValue)
    return [list(table._default_manager.order_by("pk").values_list()) for table in tables]


def refused(code: int, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """The body of a refusal, which left not a trace in conversations, either."""
    before = contents()
    body = tickets.refused(code, call, *arguments, **options)
    assert contents() == before
    return body
