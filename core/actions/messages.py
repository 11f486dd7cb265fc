"""The verbs of messages. Their authors may change or delete them for a quarter of an hour.

Writers of one conversation wait for each other, so that ids come in the order of the commits: nothing turns up later
below a read marker.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.actions import members, unread
from core.actions.clocks import iso
from core.actions.conversations import RESOURCE, visible
from core.actions.step import Step, facts_of
from core.domain.change import Change, Person, Resource
from core.domain.errors import Conflict, NotAllowed, NotVisible
from core.domain.texts import TAKEN_BACK
from core.models import Conversation, ConversationMessage, NotificationLog, ReadMarker, User
from core.notifications import positions
from core.notifications.dispatch import announce

EVENT = "message_received"
CHANGEABLE = timedelta(minutes=15)
LONGEST_SENDER = 60  # characters, in a subject
TOO_LATE = "A message can be changed or deleted for 15 minutes."
DELETED = "This message has been deleted."
ALONE = "The other person's account has been deactivated."


@dataclass(frozen=True, slots=True)
class Room:
    """A locked conversation, and its ticket's step, if it is the room of one; then the ticket is locked, too."""

    actor: User
    conversation: Conversation
    step: Step | None
    now: datetime

    @classmethod
    def of(cls, conversation_id: int, actor: User) -> "Room":
        """NotVisible when `actor` is no member (any more)."""
        found = visible(conversation_id, actor)
        step = Step.on(found.ticket_id, actor) if found.ticket_id else None
        locked = Conversation.objects.select_for_update(no_key=True).get(pk=found.pk)
        return cls(actor, locked, step, timezone.now())

    def hold(self) -> tuple[unread.Feeds, unread.Feeds]:
        """Lock the feeds of all who are members or have been; return those of the members, and all.

        Who is a member is asked again under the locks: a role may have changed meanwhile. Somebody who comes back just
        now waits, and counts this, too; whoever becomes a member for the first time is told from the next message on.
        """
        key = self.conversation.pk
        readers = self.conversation.read_markers.values_list("user", flat=True)
        feeds = positions.lock({*members.of_each([key])[key], *readers})
        here = members.of_each([key])[key]
        return {pk: feed for pk, feed in feeds.items() if pk in here}, feeds


def post(*, actor: User, conversation_id: int, body: str) -> ConversationMessage:
    """Say something; the other members are told. Conflict when nobody is left to read it."""
    with transaction.atomic():
        room = Room.of(conversation_id, actor)
        conversation = room.conversation
        message = ConversationMessage.objects.create(
            conversation=conversation, author=actor, body=body, created_at=room.now
        )
        conversation.last_message_at = room.now
        conversation.save(update_fields=["last_message_at"])
        feeds, _ = room.hold()
        others = [pk for pk in feeds if pk != actor.pk]
        if conversation.ticket_id is None and not others:
            raise Conflict(ALONE, code="user_inactive")
        # What was said before somebody's first message here counts as read.
        ReadMarker.objects.bulk_create(
            [ReadMarker(conversation=conversation, user_id=pk, read_up_to=message.pk - 1) for pk in others],
            ignore_conflicts=True,
        )
        conversation.read_markers.filter(user__in=others).update(unread=F("unread") + 1)
        unread.tell("posted", conversation, shown(message), unread.shift(feeds, dict.fromkeys(others, +1)))
        announce(received(room, message, others))
        return message


def edit(*, actor: User, conversation_id: int, message_id: int, body: str) -> ConversationMessage:
    """Its author says it otherwise. Nobody is told but open clients; what was told of it stays."""
    with transaction.atomic():
        room = Room.of(conversation_id, actor)
        message = own(room.conversation, message_id, actor)
        if message.deleted_at is not None:
            raise Conflict(DELETED, code="message_deleted")
        require_in_time(message, room.now)
        if message.body != body:
            message.body, message.edited_at = body, room.now
            message.save(update_fields=["body", "edited_at"])
            feeds, _ = room.hold()
            unread.tell("edited", room.conversation, shown(message), unread.shift(feeds, {}))
        return message


def delete(*, actor: User, conversation_id: int, message_id: int) -> None:
    """Its author takes it back, once: it keeps its place, and its words are nowhere any more."""
    with transaction.atomic():
        room = Room.of(conversation_id, actor)
        message = own(room.conversation, message_id, actor)
        if message.deleted_at is not None:
            return
        require_in_time(message, room.now)
        message.body, message.deleted_at = "", room.now
        message.save(update_fields=["body", "deleted_at"])
        feeds, held = room.hold()
        later = room.conversation.read_markers.filter(read_up_to__lt=message.pk, unread__gt=0).exclude(user=actor)
        fewer = list(later.filter(user__in=feeds).values_list("user", flat=True))
        later.filter(user__in=fewer).update(unread=F("unread") - 1)
        NotificationLog.objects.filter(recipient__in=held, dedupe_key=key_of(message)).update(message=TAKEN_BACK)
        unread.tell("deleted", room.conversation, shown(message), unread.shift(feeds, dict.fromkeys(fewer, -1)))


def own(conversation: Conversation, message_id: int, user: User) -> ConversationMessage:
    """NotVisible when it is not in this conversation, NotAllowed when it is somebody else's."""
    message = conversation.messages.select_related("author").filter(pk=message_id).first()
    if message is None:
        raise NotVisible
    if message.author_id != user.pk:
        raise NotAllowed
    return message


def require_in_time(message: ConversationMessage, now: datetime) -> None:
    if now - message.created_at > CHANGEABLE:
        raise Conflict(TOO_LATE, code="too_late")


def received(room: Room, message: ConversationMessage, others: list[int]) -> Change:
    """What the others are told: only those who see the ticket, if it is said in the room of one."""
    actor, conversation, step = room.actor, room.conversation, room.step
    ticket = facts_of(step.ticket) if step else None
    of = f" ({ticket.number} {ticket.title})" if ticket else ""
    return Change(
        event=EVENT,
        key=key_of(message),
        at=message.created_at,
        actor=Person(actor.pk, actor.username, actor.full_name),
        ticket=ticket,
        resource=Resource(RESOURCE, conversation.pk, conversation.url),
        facts=(("sender", actor.full_name[:LONGEST_SENDER]), ("of", of)),
        creator_id=step.ticket.created_by_id if step else None,
        member_ids=tuple(others),
        assignee_ids=step.assignee_ids if step else (),
        watcher_ids=step.watcher_ids if step else (),
        comment=message.body,
    )


def key_of(message: ConversationMessage) -> str:
    return f"{EVENT}:{message.pk}"


def shown(message: ConversationMessage) -> dict[str, Any]:
    """As clients see it, on every way."""
    author = message.author
    return {
        "id": message.pk,
        "author": Person(author.pk, author.username, author.full_name).as_dict(),
        "body": message.body,
        "created_at": iso(message.created_at),
        "edited_at": iso(message.edited_at),
        "deleted_at": iso(message.deleted_at),
    }
