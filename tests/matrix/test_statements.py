"""The same number of statements whatever the rows (3 or 300) and whoever is told (1 or 20)."""

from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone

from core.models import (
    Assignment,
    Attachment,
    Comment,
    Feed,
    NotificationLog,
    Role,
    Status,
    Tag,
    Ticket,
    TicketHistory,
    User,
    Watch,
)
from tests.conftest import MakeTicket
from tests.matrix.contract import ACTIONS
from tests.matrix.world import led_to
from tests.tickets import Api, newcomers, queries, url

pytestmark = pytest.mark.django_db

FEW, MANY = 3, 300
LISTS = [
    "/api/tickets/?page_size=100",
    "/api/tickets/?page_size=100&cursor=",
    "/api/tickets/?page_size=100&search=blank",
    "/api/tickets/?page_size=100&sla=ok&ordering=-priority",
    "/api/tickets/?page_size=100&tag=checkout",
    "/api/tickets/developers/?page_size=100",
    "/api/tickets/stats/",
    "/api/tickets/{ticket}/",
    "/api/tickets/{ticket}/history/?page_size=100",
    "/api/tickets/{ticket}/comments/?page_size=100",
    "/api/tickets/{ticket}/attachments/?page_size=100",
    "/api/tickets/{ticket}/notifications/?page_size=100",
    "/api/users/?page_size=100",
    "/api/notifications/?page_size=100",
    "/api/notifications/?page_size=100&cursor=",
    "/api/notifications/?page_size=100&notification_type=ALL",
    "/api/notifications/unread/?page_size=100",
    "/api/notifications/unread_count/",
    "/api/notifications/changes/?since=0",
    "/api/notifications/state/",
]


class World:
    """One ticket with `size` of everything that hangs on it, and as many tickets, people and notifications."""

    def __init__(self, ticket: Ticket, ada: User, dan: User) -> None:
        self.ticket, self.ada, self.dan, self.size = ticket, ada, dan, 0
        self.tag = Tag.objects.create(name="checkout")

    def grow(self, size: int) -> None:
        fresh, now = range(self.size, size), timezone.now()
        people = newcomers(Role.DEVELOPER, len(fresh), name=f"dev{size}x")
        words = {"title": "Blank page", "description": "…", "created_by": self.ada}
        times = {"created_at": now, "updated_at": now}
        made = Ticket.objects.bulk_create(Ticket(**words, **times) for _ in fresh)
        where = {"assigned_by": self.ada, "assigned_at": now}
        Assignment.objects.bulk_create(
            Assignment(ticket=ticket, user=user, **where) for ticket in made for user in (people[0], self.dan)
        )
        Ticket.tags.through.objects.bulk_create(
            Ticket.tags.through(ticket_id=ticket.pk, tag_id=self.tag.pk) for ticket in made
        )
        Watch.objects.bulk_create(Watch(ticket=self.ticket, user=user, created_at=now) for user in people)
        on = {"ticket": self.ticket, "created_at": now}
        Comment.objects.bulk_create(Comment(**on, author=user, body="Blank?") for user in people)
        TicketHistory.objects.bulk_create(
            TicketHistory(**on, actor=user, action="add_comment", to_status="OPEN", version=100 + at)
            for at, user in zip(fresh, people, strict=True)
        )
        Attachment.objects.bulk_create(
            Attachment(**on, uploaded_by=user, name="a.txt", content_type="text/plain", size=1, file=f"{user.pk}")
            for user in people
        )
        NotificationLog.objects.bulk_create(
            row(self.ticket, recipient, kind, 1_000 + at)
            for at, user in zip(fresh, people, strict=True)
            for recipient in (self.ada, user)
            for kind in ("SYSTEM", "EMAIL")
        )
        self.size = size


def row(ticket: Ticket, recipient: User, kind: str, seq: int) -> NotificationLog:
    return NotificationLog(
        recipient=recipient,
        notification=uuid4(),
        dedupe_key=str(uuid4()),
        notification_type=kind,
        event="ticket_created",
        reason="admin",
        resource_type="ticket",
        resource_id=ticket.pk,
        url=url(ticket),
        subject="…",
        message="…",
        ticket=ticket,
        created_at=timezone.now(),
        status="SENT",
        seq=seq,
        changed_seq=seq,
        unread_seq=seq,
    )


@pytest.fixture
def world(make_ticket: MakeTicket, ada: User, dan: User) -> World:
    return World(make_ticket(Status.OPEN, assigned_to=[dan]), ada, dan)


def test_reading(api: Api, ada: User, world: World) -> None:
    client, paths = api(ada), [path.format(ticket=world.ticket.pk) for path in LISTS]

    def counted() -> dict[str, int]:
        return {path: queries(partial(client.get, path)) for path in paths}

    world.grow(FEW)
    counted()  # an inbox is counted once
    few = counted()
    world.grow(MANY)
    assert counted() == few


def team_of(size: int, role: Role = Role.DEVELOPER) -> list[User]:
    """Newcomers who have been told something before: the first time makes their feed."""
    people = newcomers(role, size, name=f"{role.lower()}{size}x")
    Feed.objects.bulk_create(Feed(user=user) for user in people)
    return people


@pytest.fixture
def actors(ada: User, dan: User, cleo: User) -> dict[str, User]:
    for user in (ada, dan, cleo):
        Feed.objects.get_or_create(user=user)
    return {"creator": cleo, "assignee": dan, "anyone": dan, "admin": ada}


@pytest.mark.parametrize("action", [name for name, row in ACTIONS.items() if row.method == "post"])
def test_acting(api: Api, actors: dict[str, User], make_ticket: MakeTicket, action: str) -> None:
    """With one admin and one developer to be told, and with twenty of each."""
    rule = ACTIONS[action]
    part = next(part for part in actors if part in rule.who)
    client = api(actors[part])

    def measured(team: list[User]) -> int:
        ticket = led_to(make_ticket, min(rule.who[part]), actors["creator"], actors["assignee"])
        Watch.objects.bulk_create(Watch(ticket=ticket, user=user, created_at=ticket.created_at) for user in team)
        people = {"assigned_to": [user.pk for user in team]} if action == "assign" else {}
        return queries(lambda: client.post(url(ticket, action), {**rule.body, **people} or None))

    few = measured(team_of(1))
    team_of(19, Role.ADMIN)
    assert measured(team_of(20)) == few


def test_raising_a_ticket(api: Api, actors: dict[str, User]) -> None:
    client, words = api(actors["creator"]), {"title": "Blank page", "description": "Since this morning."}
    few = queries(lambda: client.post("/api/tickets/", words))
    team_of(19, Role.ADMIN)
    assert queries(lambda: client.post("/api/tickets/", words)) == few
