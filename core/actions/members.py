"""Who is in a conversation: what `Conversation.objects.visible_to` says, asked the other way round."""

from collections.abc import Collection, Mapping

from django.db.models import Q

from core.domain.change import Person
from core.domain.policies import sees_ticket
from core.domain.transitions import part_of
from core.models import Assignment, Conversation, Role, User, Watch

Members = dict[int, Person]  # by id


def of_each(ids: Collection[int]) -> dict[int, Members]:
    """The active members of each of these conversations that exist, in four queries at most."""
    rooms = list(Conversation.objects.filter(pk__in=ids).select_related("ticket").order_by())
    workers = workers_on({room.ticket_id for room in rooms if room.ticket_id})
    named = {room.pk: named_in(room, workers) for room in rooms}
    wanted = Q(pk__in={pk for people in named.values() for pk in people})
    if workers:
        wanted |= Q(role=Role.ADMIN)
    found = User.objects.filter(wanted, is_active=True).only("username", "first_name", "last_name", "role")
    known = {who.pk: (who, Person(who.pk, who.username, who.full_name)) for who in found}
    admins = {pk for pk, (who, _) in known.items() if who.role == Role.ADMIN}

    def members(room: Conversation) -> Members:
        # Not everybody known for every room: many rooms have many people.
        asked = [known[pk] for pk in known.keys() & (named[room.pk] | admins)]
        return {who.pk: shown for who, shown in asked if is_member(who, room, workers)}

    return {room.pk: members(room) for room in rooms}


def named_in(room: Conversation, workers: Mapping[int, Collection[int]]) -> set[int]:
    """Who may be in it, beside the admins: the two, or who has to do with the ticket."""
    if room.ticket is None:
        return {room.low_id or 0, room.high_id or 0}
    return {room.ticket.created_by_id, *workers[room.ticket.pk]}


def workers_on(tickets: Collection[int]) -> dict[int, set[int]]:
    """Of each of these tickets: who is assigned to it or watches it."""
    found: dict[int, set[int]] = {ticket: set() for ticket in tickets}
    for kind in (Assignment, Watch) if tickets else ():
        for ticket, user in kind.objects.filter(ticket__in=tickets).order_by().values_list("ticket", "user"):
            found[ticket].add(user)
    return found


def is_member(person: User, room: Conversation, workers: Mapping[int, Collection[int]]) -> bool:
    """Whether this active person is in it."""
    ticket = room.ticket
    if ticket is None:
        return person.pk in (room.low_id, room.high_id)
    part = part_of(person, creator_id=ticket.created_by_id, assignee_ids=workers[ticket.pk])
    return ticket.deleted_at is None and sees_ticket(part)
