"""The ticket verbs called at the same moment. On SQLite they queue; on PostgreSQL they meet at the locks."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction

from core.actions import tickets
from core.domain.errors import NotVisible, Refused
from core.models import Feed, NotificationLog, Role, Status, Tag, Ticket, TicketHistory, User
from core.notifications import dispatch, registry
from tests.conftest import MakeTicket
from tests.notifications.support import wait_until
from tests.tickets import Api, everything, newcomers, url

pytestmark = pytest.mark.django_db(transaction=True)


def together(*calls: Callable[[], Any]) -> Counter[str]:
    """Make these calls at the same moment in a thread each; count the kinds of what they return or are refused with."""
    ready = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> str:
        ready.wait()
        try:
            return type(call()).__name__
        except Refused as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return Counter(threads.map(one, calls))


def assert_feeds_fit() -> None:
    """Each inbox has the positions 1, 2, 3, …, and its counts are those of its rows."""
    for feed in Feed.objects.all():
        rows = NotificationLog.objects.filter(recipient=feed.pk)
        seqs = sorted(rows.filter(notification_type="SYSTEM").values_list("seq", flat=True))
        assert seqs == list(range(1, feed.top_seq + 1))
        unread: dict[str, Counter[str]] = {key: Counter() for key in registry.channels()}
        for key, event in rows.values_list("notification_type", "event"):
            unread[key][event] += 1
        assert feed.unread == unread


def told(event: str) -> Counter[tuple[str, str]]:
    rows = NotificationLog.objects.filter(event=event)
    return Counter(rows.values_list("recipient__username", "notification_type"))


@pytest.mark.parametrize(
    ("verb", "status", "who", "event", "recipients"),
    [
        (tickets.open_ticket, Status.NEW, "ada", "ticket_opened", ["cleo"]),
        (tickets.start_work, Status.OPEN, "dan", "work_started", ["cleo"]),
        (tickets.finish_work, Status.IN_PROGRESS, "dan", "work_finished", ["ada", "cleo"]),
        (tickets.approve, Status.RESOLVED, "cleo", "ticket_approved", ["ada", "dan"]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_of_eight_at_once_one_wins(
    make_ticket: MakeTicket,
    dan: User,
    verb: Callable[..., Ticket],
    status: Status,
    who: str,
    event: str,
    recipients: list[str],
) -> None:
    ticket = make_ticket(status, assigned_to=[] if status == Status.NEW else [dan])
    call = partial(verb, actor=User.objects.get(username=who), ticket_id=ticket.pk)
    assert together(*8 * [call]) == {"Ticket": 1, "InvalidTransition": 7}
    history = TicketHistory.objects.filter(ticket=ticket, action=verb.__name__)
    assert [row.version for row in history] == [ticket.version + 1]
    assert told(event) == Counter((name, key) for name in recipients for key in registry.channels())
    assert_feeds_fit()


def test_approving_and_rejecting_at_once_one_of_them_happens(make_ticket: MakeTicket, cleo: User) -> None:
    for _ in range(4):
        ticket = make_ticket(Status.RESOLVED)
        approve = partial(tickets.approve, actor=cleo, ticket_id=ticket.pk)
        reject = partial(tickets.reject, actor=cleo, ticket_id=ticket.pk, comment="Still blank in Firefox.")
        assert together(approve, reject) == {"Ticket": 1, "InvalidTransition": 1}
        last = ticket.history.order_by("-pk")[0]
        assert (last.version, last.from_status) == (ticket.version + 1, Status.RESOLVED)


def test_two_admins_who_assign_different_people_do_so_one_after_the_other(
    make_ticket: MakeTicket, ada: User, dan: User, dora: User
) -> None:
    (other,) = newcomers(Role.ADMIN, 1)
    ticket = make_ticket()
    for _ in range(4):
        teams = ((ada, [dan.pk]), (other, [dora.pk]))
        assign = partial(tickets.assign, ticket_id=ticket.pk)
        assert together(*(partial(assign, actor=actor, assigned_to=team) for actor, team in teams)) == {"Ticket": 2}
    rows = [row.changes["assigned_to"] for row in ticket.history.filter(action="assign")]
    assert [before for before, _ in rows] == [[], *(after for _, after in rows[:-1])]
    final = list(ticket.assignments.values_list("user_id", flat=True))
    assert final == rows[-1][1]
    for user in (dan, dora):
        on = Counter(NotificationLog.objects.filter(recipient=user, notification_type="SYSTEM").values_list("event"))
        assert on[("ticket_assigned",)] - on[("ticket_unassigned",)] == (user.pk in final)
    assert told("ticket_opened")["cleo", "SYSTEM"] == 1
    assert_feeds_fit()


def test_of_two_admins_who_assign_different_people_at_once_one_is_told_so(
    make_ticket: MakeTicket, ada: User, dan: User, dora: User
) -> None:
    """Both have looked before either has written."""
    (other,) = newcomers(Role.ADMIN, 1)
    ticket = make_ticket()
    calls = [
        partial(tickets.assign, actor=actor, ticket_id=ticket.pk, assigned_to=[user.pk], instead_of=[])
        for actor, user in ((ada, dan), (other, dora))
    ]
    assert together(*calls) == {"Ticket": 1, "Conflict": 1}
    assert (ticket.history.count(), ticket.assignments.count()) == (2, 1)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="there the second request waits before it has looked")
def test_a_request_that_looked_before_another_assigned_is_a_409(
    api: Api, make_ticket: MakeTicket, ada: User, dan: User, dora: User
) -> None:
    ticket, client, waiting = make_ticket(), api(ada), Event()
    answers = []

    def request() -> None:
        waiting.set()
        answers.append(client.post(url(ticket, "assign"), {"assigned_to": [dora.pk]}))

    def assign_first() -> None:
        with transaction.atomic():
            tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk])
            waiting.wait()
            wait_until(somebody_waits_for_a_lock, within=10)

    assert together(assign_first, request) == {"NoneType": 2}
    assert (answers[0].status_code, answers[0].json()["code"]) == (409, "assigned_meanwhile")
    assert list(ticket.assignments.values_list("user_id", flat=True)) == [dan.pk]


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_of_two_admins_who_read_the_same_version_one_is_told_that_it_has_changed(
    make_ticket: MakeTicket, ada: User, dan: User, dora: User
) -> None:
    (other,) = newcomers(Role.ADMIN, 1)
    for _ in range(4):
        ticket = make_ticket()
        teams = ((ada, [dan.pk]), (other, [dora.pk]))
        assign = partial(tickets.assign, ticket_id=ticket.pk, if_version={ticket.version})
        ends = together(*(partial(assign, actor=actor, assigned_to=team) for actor, team in teams))
        assert ends == {"Ticket": 1, "VersionMismatch": 1}
        assert ticket.history.count() == 2
        assert ticket.assignments.count() == 1
    assert told("ticket_assigned").total() == 4 * len(registry.channels())
    assert_feeds_fit()


def test_a_watch_does_not_outlive_the_assignment(make_ticket: MakeTicket, ada: User, dan: User, dora: User) -> None:
    for _ in range(4):
        ticket = make_ticket(assigned_to=[dan])
        take_off = partial(tickets.assign, actor=ada, ticket_id=ticket.pk, assigned_to=[dora.pk])
        together(take_off, partial(tickets.watch, actor=dan, ticket_id=ticket.pk))
        assert not ticket.watches.exists()


def test_parallel_comments_leave_no_gap_in_any_inbox(
    make_ticket: MakeTicket, ada: User, dan: User, dora: User, cleo: User
) -> None:
    both = [make_ticket(assigned_to=[dan, dora]), make_ticket(assigned_to=[dora, dan])]
    before = {feed.pk: feed.top_seq for feed in Feed.objects.all()}
    calls = [
        partial(tickets.add_comment, actor=author, ticket_id=ticket.pk, comment=f"{author} {number}")
        for ticket in both
        for author in (ada, dan, dora, cleo)
        for number in range(2)
    ]
    assert together(*calls) == {"Comment": 16}
    for ticket in both:
        versions = list(ticket.history.values_list("version", flat=True))
        ticket.refresh_from_db()
        assert versions == list(range(1, ticket.version + 1)) == list(range(1, 11))
    for user, heard in ((ada, 0), (dan, 12), (dora, 12), (cleo, 12)):
        assert Feed.objects.get(pk=user.pk).top_seq - before[user.pk] == heard
    assert_feeds_fit()


def test_tickets_raised_at_once_share_tags_and_the_first_position(ada: User, cleo: User, carl: User) -> None:
    create = partial(tickets.create, title="Blank page", description="Since this morning.")
    calls = [partial(create, actor=user, tags=tags) for user in (cleo, carl) for tags in (["a", "b"], ["b", "a"]) * 2]
    assert together(*calls) == {"Ticket": 8}
    assert [(tag.name, tag.tickets.count()) for tag in Tag.objects.all()] == [("a", 8), ("b", 8)]
    assert Feed.objects.get(pk=ada.pk).top_seq == 8
    assert_feeds_fit()


def test_whoever_is_taken_off_while_commenting_is_refused(
    make_ticket: MakeTicket, ada: User, dan: User, dora: User
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    taken_off = Event()

    def take_off() -> None:
        with transaction.atomic():
            tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dora.pk])
            taken_off.set()
            time.sleep(0.3)  # meanwhile the comment waits for the ticket

    def comment() -> None:
        taken_off.wait()
        tickets.add_comment(actor=dan, ticket_id=ticket.pk, comment="Still here.")

    assert together(take_off, comment) == {"NoneType": 1, "NotVisible": 1}
    assert not ticket.comments.exists()


def test_after_a_rollback_there_is_nothing_and_nobody_was_pushed(
    new_ticket: Ticket, ada: User, dan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried: list[str] = []
    monkeypatch.setattr(dispatch, "push", lambda messages: hurried.extend("push" for _ in messages))
    monkeypatch.setattr(dispatch, "nudge", lambda: hurried.append("nudge"))
    assign = partial(tickets.assign, actor=ada, ticket_id=new_ticket.pk, assigned_to=[dan.pk])
    before = everything()
    with transaction.atomic():
        assign()
        assert everything() != before
        transaction.set_rollback(True)
    assert everything() == before
    assert hurried == []
    assign()
    assert hurried == ["push", "push", "nudge"]
    assert_feeds_fit()


def test_a_verb_that_fails_after_its_changes_leaves_nothing(
    new_ticket: Ticket, ada: User, dan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything()

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(dispatch, "draft", full)
    with pytest.raises(OSError, match="no space"):
        tickets.assign(actor=ada, ticket_id=new_ticket.pk, assigned_to=[dan.pk])
    assert everything() == before


def test_verbs_see_no_more_than_their_actor(new_ticket: Ticket, ada: User, dan: User, carl: User) -> None:
    before = everything()
    for actor in (dan, carl):
        with pytest.raises(NotVisible):
            tickets.add_comment(actor=actor, ticket_id=new_ticket.pk, comment="Hello?")
    with pytest.raises(NotVisible):
        tickets.open_ticket(actor=ada, ticket_id=new_ticket.pk + 1)
    assert everything() == before
