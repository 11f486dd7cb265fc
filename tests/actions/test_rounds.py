"""Eight at once, a hundred times: one of them wins, one history row is written, everybody is told once."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core.actions import inbox, tickets
from core.domain.errors import Refused
from core.models import Assignment, Comment, Feed, NotificationLog, Role, Status, Ticket, TicketHistory, User
from core.notifications import registry
from tests.tickets import newcomers

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(180),
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer: nothing meets there"),
]

THREADS, ROUNDS = 8, 100
Call = Callable[[], Any]


def rounds(calls: Sequence[Sequence[Call]]) -> list[Counter[str]]:
    """In each round its calls at the same moment, in a thread each: the kinds of their outcomes."""
    outcomes: list[Counter[str]] = [Counter() for _ in calls]
    barrier = Barrier(THREADS, timeout=30)

    def play(number: int) -> list[str]:
        try:
            found = []
            for round_calls in calls:
                barrier.wait()
                found.append(outcome(round_calls[number]))
            return found
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        for played in threads.map(play, range(THREADS)):
            for counter, name in zip(outcomes, played, strict=True):
                counter[name] += 1
    return outcomes


def outcome(call: Call) -> str:
    try:
        return type(call()).__name__
    except Refused as error:
        return type(error).__name__


@pytest.fixture
def made(ada: User, dan: User, cleo: User) -> list[Ticket]:
    """As many resolved tickets as there are rounds: Cleo's, with Dan on them."""
    now = timezone.now()
    times = dict.fromkeys(("created_at", "updated_at", "opened_at", "started_at", "resolved_at"), now)
    found = Ticket.objects.bulk_create(
        Ticket(title=f"Blank page {n}", description="…", created_by=cleo, status=Status.RESOLVED, **times)
        for n in range(ROUNDS)
    )
    Assignment.objects.bulk_create(
        Assignment(ticket=ticket, user=dan, assigned_by=ada, assigned_at=now) for ticket in found
    )
    TicketHistory.objects.bulk_create(
        TicketHistory(ticket=one, actor=cleo, action="create", to_status="RESOLVED", version=1, created_at=now)
        for one in found
    )
    return found


def history(action: str) -> Counter[int]:
    return Counter(TicketHistory.objects.filter(action=action).values_list("ticket_id", flat=True))


def told(event: str) -> Counter[tuple[int, str, str]]:
    rows = NotificationLog.objects.filter(event=event)
    return Counter(rows.values_list("ticket_id", "recipient__username", "notification_type"))


def once(made: list[Ticket], *names: str) -> Counter[tuple[int, str, str]]:
    return Counter((ticket.pk, name, key) for ticket in made for name in names for key in registry.channels())


def assert_positions_fit() -> None:
    for feed in Feed.objects.all():
        rows = NotificationLog.objects.filter(recipient=feed.pk, notification_type="SYSTEM")
        assert sorted(rows.values_list("seq", flat=True)) == list(range(1, feed.top_seq + 1))


def test_approving(made: list[Ticket], cleo: User) -> None:
    calls = [THREADS * [partial(tickets.approve, actor=cleo, ticket_id=ticket.pk)] for ticket in made]
    assert rounds(calls) == ROUNDS * [Counter(Ticket=1, InvalidTransition=THREADS - 1)]
    assert history("approve") == Counter(ticket.pk for ticket in made)
    assert told("ticket_approved") == once(made, "ada", "dan")
    assert_positions_fit()


def test_assigning_different_people_to_the_same_version(made: list[Ticket], ada: User, dan: User) -> None:
    team, admins = newcomers(Role.DEVELOPER, THREADS, name="dev"), newcomers(Role.ADMIN, THREADS, name="admin")
    calls = [
        [
            partial(tickets.assign, actor=admin, ticket_id=ticket.pk, assigned_to=[user.pk], if_version=[1])
            for admin, user in zip(admins, team, strict=True)
        ]
        for ticket in made
    ]
    assert rounds(calls) == ROUNDS * [Counter(Ticket=1, VersionMismatch=THREADS - 1)]
    assert history("assign") == Counter(ticket.pk for ticket in made)
    assert told("ticket_unassigned") == once(made, "dan")
    winners = Assignment.objects.values_list("ticket_id", "user__username")
    assert told("ticket_assigned") == Counter((*who, key) for who in winners for key in registry.channels())
    assert_positions_fit()


def test_commenting_on_the_same_version(made: list[Ticket], cleo: User) -> None:
    comment = partial(tickets.add_comment, actor=cleo, comment="Which browser?", if_version=[1])
    calls = [THREADS * [partial(comment, ticket_id=ticket.pk)] for ticket in made]
    assert rounds(calls) == ROUNDS * [Counter(Comment=1, VersionMismatch=THREADS - 1)]
    assert Counter(Comment.objects.values_list("ticket_id", flat=True)) == Counter(ticket.pk for ticket in made)
    assert history("add_comment") == Counter(ticket.pk for ticket in made)
    assert told("comment_added") == once(made, "dan")
    assert_positions_fit()


def test_marking_the_same_notification(made: list[Ticket], cleo: User, ada: User, dan: User) -> None:
    for ticket in made:
        tickets.approve(actor=cleo, ticket_id=ticket.pk)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does it after a minute
    before = Feed.objects.get(pk=dan.pk).top_seq
    inbox_rows = NotificationLog.objects.filter(recipient=dan, notification_type="SYSTEM")
    keys = list(inbox_rows.order_by("pk").values_list("pk", flat=True))
    marked: list[int] = []

    def mark(key: int) -> None:
        marked.extend(inbox.mark_read(user=dan, ids=[key]).count * [key])

    assert len(keys) == ROUNDS
    assert rounds([THREADS * [partial(mark, key)] for key in keys]) == ROUNDS * [Counter(NoneType=THREADS)]
    assert Counter(marked) == Counter(keys)
    feed = Feed.objects.get(pk=dan.pk)
    assert (feed.top_seq, feed.unread) == (before + ROUNDS, {key: {} for key in registry.channels()})
    assert not NotificationLog.objects.filter(recipient=dan, is_read=False).exists()
