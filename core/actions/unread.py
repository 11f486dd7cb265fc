"""How many messages people have not read: of a conversation in its read marker, of all as `unread_message_count`.

Both move under the lock of the person's Feed, so that whoever reads and whoever writes at once count alike.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from core.actions import members
from core.actions.step import Step
from core.models import Conversation, ConversationMessage, Feed, ReadMarker, StateValue
from core.notifications import positions, state
from core.notifications.frames import message_changed, message_frame
from core.notifications.publish import push

Feeds = Mapping[int, Feed]  # locked, by person


class Badge(NamedTuple):
    """How much somebody has not read of all conversations; `at` rises strictly for each person."""

    unread: int
    at: float


Badges = Mapping[int, Badge]  # by person


def shift(feeds: Feeds, steps: Mapping[int, int]) -> Badges:
    """Count so many more for some of these people, or fewer."""
    before = _stored(feeds)
    return _put(feeds, before, {pk: max(0, before.get(pk, 0) + step) for pk, step in steps.items()})


def settle(feeds: Feeds) -> Badges:
    """Add up anew what these people have not read where they are members."""
    unread = ReadMarker.objects.in_sight().filter(user__in=feeds, unread__gt=0)
    sums = dict(unread.values("user").annotate(total=Sum("unread")).values_list("user", "total"))
    before = _stored(feeds)
    return _put(feeds, before, {pk: sums.get(pk, 0) for pk in feeds if sums.get(pk, 0) != before.get(pk, 0)})


def recount(markers: QuerySet[ReadMarker]) -> None:
    """Count anew what came after these markers, whose people's feeds are locked."""
    later = ConversationMessage.objects.filter(
        conversation=OuterRef("conversation"), pk__gt=OuterRef("read_up_to"), deleted_at=None
    ).exclude(author=OuterRef("user"))
    number = later.order_by().values("conversation").annotate(number=Count("pk")).values("number")
    markers.update(unread=Coalesce(Subquery(number), 0))


def tell(action: str, conversation: Conversation, message: dict[str, Any] | None, badges: Badges) -> None:
    """Tell these people's open clients, after the commit."""

    def frame(badge: Badge) -> dict[str, Any]:
        return message_frame(action, conversation.pk, message, unread_message_count=badge.unread, at=badge.at)

    told = [(pk, message_changed(frame(badge))) for pk, badge in badges.items()]
    transaction.on_commit(lambda: push(told), robust=True)


def sight_changed(step: Step, *, lost: Collection[int] = (), gained: Collection[int] = ()) -> None:
    """Count the room of a ticket no more for those who may have lost sight of it, and again for those who see it.

    Before anything is announced that tells more than these people and the creator: feeds are locked once.
    """
    people = {*lost, *gained}
    room = Conversation.objects.filter(ticket=step.ticket).first() if people else None
    if room is None:
        return
    feeds = positions.lock({*people, step.ticket.created_by_id})
    here = people.intersection(members.of_each([room.pk])[room.pk])
    recount(room.read_markers.filter(user__in=here))
    badges = settle({pk: feeds[pk] for pk in people})
    tell("left", room, None, {pk: badges[pk] for pk in lost if pk not in here})
    tell("joined", room, None, {pk: badges[pk] for pk in gained if pk in here})


def room_closed(step: Step) -> None:
    """Nobody sees the ticket any more."""
    sight_changed(step, lost=ReadMarker.objects.filter(conversation__ticket=step.ticket).values_list("user", flat=True))


def sees_others(user_id: int) -> None:
    """Count anew what somebody has not read whose role has changed, or who is back: its sessions have ended."""
    feeds = positions.lock([user_id])  # before it is known whether there are any: somebody may be writing just now
    markers = ReadMarker.objects.filter(user=user_id)
    if markers.exists():
        recount(markers)
        settle(feeds)


def _stored(feeds: Feeds) -> dict[int, int]:
    rows = StateValue.objects.filter(user__in=feeds, name=state.UNREAD_MESSAGES)
    return dict(rows.values_list("user", "data"))


def _put(feeds: Feeds, before: Mapping[int, int], after: Mapping[int, int]) -> Badges:
    at = state.put_each(feeds.values(), state.UNREAD_MESSAGES, after)
    return {pk: Badge(after.get(pk, before.get(pk, 0)), at[pk]) for pk in feeds}
