"""The verbs of conversations: open one, read it. Who is no member of it learns nothing: NotVisible."""

from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from core.actions import inbox, unread
from core.domain.errors import Invalid, NotVisible
from core.models import Conversation, NotificationLog, ReadMarker, Ticket, User
from core.models.notification import SYSTEM, about
from core.notifications import positions

RESOURCE = "conversation"
NOT_A_PERSON = {"members": ["There is no active person with this id."]}
YOURSELF = {"members": ["Name the other person, not yourself."]}
NOT_A_TICKET = {"ticket": ["You see no ticket with this id."]}
NOT_HERE = {"up_to": ["This is not a message of this conversation."]}


class Read(NamedTuple):
    """How far somebody has read, and what is left: of this conversation, of all, of the inbox."""

    read_up_to: int
    unread: int
    unread_message_count: int
    unread_count: int


def open_direct(*, actor: User, member_id: int) -> tuple[Conversation, bool]:
    """The conversation with one other active person, and whether it is new: the same two have one only."""
    if member_id == actor.pk:
        raise Invalid(YOURSELF)
    if not User.objects.filter(pk=member_id, is_active=True).exists():
        raise Invalid(NOT_A_PERSON)
    low, high = sorted([actor.pk, member_id])
    return Conversation.objects.get_or_create(low_id=low, high_id=high, defaults={"created_at": timezone.now()})


def open_room(*, actor: User, ticket_id: int) -> tuple[Conversation, bool]:
    """The room of a ticket that the actor sees, and whether it is new."""
    if not Ticket.objects.visible_to(actor).filter(pk=ticket_id).exists():
        raise Invalid(NOT_A_TICKET)
    return Conversation.objects.get_or_create(ticket_id=ticket_id, defaults={"created_at": timezone.now()})


def mark_read(*, actor: User, conversation_id: int, up_to: int | None = None) -> Read:
    """Everything (up to a message) is read, in the inbox as well; what had been read stays so."""
    with transaction.atomic():
        conversation = visible(conversation_id, actor)
        feed = positions.lock([actor.pk])[actor.pk]
        last = conversation.messages.order_by("-pk").values_list("pk", flat=True).first() or 0
        if up_to is not None and not conversation.messages.filter(pk=up_to).exists():
            raise Invalid(NOT_HERE)
        marker = _marker(conversation, actor, last)
        has_moved = _move(marker, up_to or last)
        badge = unread.settle({actor.pk: feed})[actor.pk]
        if has_moved:
            unread.tell("read", conversation, None, {actor.pk: badge})
        up_to_seq = None if marker.read_up_to == last else _told_before_later(marker)
        marked = inbox.mark_all_read(user=actor, resource=(RESOURCE, conversation.pk), up_to_seq=up_to_seq)
        return Read(marker.read_up_to, marker.unread, badge.unread, marked.unread_count)


def visible(conversation_id: int, user: User) -> Conversation:
    """NotVisible to whoever is no member."""
    found = Conversation.objects.visible_to(user).filter(pk=conversation_id).first()
    if found is None:
        raise NotVisible
    return found


def _marker(conversation: Conversation, user: User, last: int) -> ReadMarker:
    """The person's own. Without one nothing has come since this person is a member: all there is counts as read."""
    found, _ = ReadMarker.objects.get_or_create(conversation=conversation, user=user, defaults={"read_up_to": last})
    return found


def _move(marker: ReadMarker, end: int) -> bool:
    """Up to a message, unless it was there before; count anew what comes after. Whether that changed anything."""
    before = (marker.read_up_to, marker.unread)
    own = ReadMarker.objects.filter(pk=marker.pk)
    own.filter(read_up_to__lt=end).update(read_up_to=end)
    unread.recount(own)
    marker.refresh_from_db(fields=["read_up_to", "unread"])
    return before != (marker.read_up_to, marker.unread)


def _told_before_later(marker: ReadMarker) -> int | None:
    """The position in the inbox before what was told of the messages after the marker; None: nothing was.

    The marker may stand where no message is: before the first one that its person was told of.
    """
    later = marker.conversation.messages.filter(pk__gt=marker.read_up_to).order_by("pk")[0]
    told = NotificationLog.objects.filter(about(RESOURCE, marker.conversation_id), recipient=marker.user_id)
    first = told.filter(notification_type=SYSTEM, created_at__gte=later.created_at).order_by("seq").first()
    return first.seq - 1 if first else None
