"""Who is in a conversation is who sees it: asked the one way or the other, the answer is the same."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager

import pytest
from django.utils import timezone

from core.actions import members
from core.models import Assignment, Conversation, Role, Ticket, User, Watch
from tests.conftest import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversations(ada: User, dan: User, dora: User, cleo: User, carl: User) -> list[Conversation]:
    """The rooms of a ticket, of one that is deleted, of one that nobody works on; and one of two people."""
    now = timezone.now()
    left = person("left", Role.DEVELOPER, 9)
    User.objects.filter(pk=left.pk).update(is_active=False)
    words = {"title": "Bug", "description": "Since.", "created_at": now, "updated_at": now}
    worked_on = Ticket.objects.create(created_by=cleo, **words)
    gone = Ticket.objects.create(created_by=cleo, deleted_at=now, **words)
    alone = Ticket.objects.create(created_by=dora, **words)  # who was a client then
    for ticket in (worked_on, gone):
        Assignment.objects.create(ticket=ticket, user=dan, assigned_by=ada, assigned_at=now)
        for watcher in (dora, left, carl):
            Watch.objects.create(ticket=ticket, user=watcher, created_at=now)
    rooms = [Conversation.objects.create(ticket=ticket, created_at=now) for ticket in (worked_on, gone, alone)]
    low, high = sorted([dan.pk, carl.pk])
    return [*rooms, Conversation.objects.create(low_id=low, high_id=high, created_at=now)]


def test_members_are_the_active_who_see_it(
    conversations: list[Conversation], django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    ids = {one.pk for one in conversations}
    with django_assert_num_queries(4):
        found = members.of_each({*ids, 2**40})
    assert found.keys() == ids
    everybody = User.objects.filter(is_active=True)
    for key, people in found.items():
        seeing = {user.pk for user in everybody if Conversation.objects.visible_to(user).filter(pk=key)}
        assert people.keys() == seeing
    names = [sorted(one.username for one in people.values()) for people in found.values()]
    assert names == [["ada", "cleo", "dan", "dora"], [], ["ada"], ["carl", "dan"]]


def test_of_two_people_little_is_asked(
    conversations: list[Conversation], django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    with django_assert_num_queries(2):
        assert len(members.of_each({conversations[-1].pk})[conversations[-1].pk]) == 2
    with django_assert_num_queries(1):
        assert members.of_each({2**40}) == {}


def test_nobody_is_asked_of_rooms_that_have_nothing_to_do_with_it(
    ada: User, dan: User, cleo: User, carl: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, asked = timezone.now(), []
    words = {"title": "Bug", "description": "Since.", "created_at": now, "updated_at": now}
    rooms = [
        Conversation.objects.create(ticket=Ticket.objects.create(created_by=who, **words), created_at=now)
        for who in (cleo, carl)
    ]
    Assignment.objects.create(ticket_id=rooms[0].ticket_id or 0, user=dan, assigned_by=ada, assigned_at=now)
    found = members.is_member

    def is_member(person: User, room: Conversation, workers: Mapping[int, Collection[int]]) -> bool:
        asked.append((person.username, room.pk))
        return found(person, room, workers)

    monkeypatch.setattr(members, "is_member", is_member)
    members.of_each({room.pk for room in rooms})
    first, second = (room.pk for room in rooms)
    assert sorted(asked) == sorted([("ada", first), ("ada", second), ("carl", second), ("cleo", first), ("dan", first)])
