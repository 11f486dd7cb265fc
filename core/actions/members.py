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
    named = {pk for people in workers.values() for pk in people}
    for room in rooms:
        named |= {room.ticket.created_by_id} if room.ticket else {room.low_id or 0, room.high_id or 0}
    wanted = Q(pk__in=named) | Q(role=Role.ADMIN) if workers else Q(pk__in=named)
    people = User.objects.filter(wanted, is_active=True).only("username", "first_name", "last_name", "role")
    known = {person: Person(person.pk, person.username, person.full_name) for person in people}
    return {room.pk: {who.pk: shown for who, shown in known.items() if is_member(who, room, workers)} for room in rooms}


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
