"""announce(): a change becomes rows, in its own transaction, for exactly the right people."""

from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks as Committed

from core.actions import tickets
from core.models import DeliveryStatus, Feed, NotificationLog, Reason, Role, Status, User
from core.notifications import dispatch, feed, registry, statements
from core.notifications.dispatch import announce
from core.notifications.nudge import nudge
from tests.conftest import MakeTicket
from tests.notifications.support import change_of, row_of


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Committed) -> Committed:
    """`with committed() as callbacks:` collects what would run after the commit."""
    return django_capture_on_commit_callbacks


def pushed(callbacks: list[Any]) -> list[tuple[int, dict[str, Any]]]:
    """Whom the one push among `callbacks` sends which frames."""
    (tell,) = [callback for callback in callbacks if callback != nudge]
    with patch.object(dispatch, "push") as push:
        tell()
    push.assert_called_once()
    return [(user_id, message["frame"]) for user_id, message in push.call_args.args[0]]


@pytest.mark.django_db(transaction=True)
def test_a_push_that_fails_takes_neither_the_change_nor_the_nudge_with_it(
    cleo: User, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_messages: object) -> None:
        raise RuntimeError("can't start new thread")

    nudges: list[int] = []
    monkeypatch.setattr(dispatch, "push", fail)
    monkeypatch.setattr(dispatch, "nudge", lambda: nudges.append(1))
    tickets.create(actor=cleo, title="Blank page", description="Since noon")
    assert nudges == [1]
    assert inbox_of(ada) == ["ticket_created"]


def inbox_of(user: User) -> list[str]:
    rows = NotificationLog.objects.filter(recipient=user, notification_type="SYSTEM")
    return list(rows.order_by("seq").values_list("event", flat=True))


def test_each_recipient_gets_one_row_per_channel_of_one_notification(
    make_ticket: MakeTicket, ada: User, cleo: User
) -> None:
    second = User.objects.create_user("alma", "alma@example.com", role=Role.ADMIN)
    make_ticket()
    for admin in (ada, second):
        rows = NotificationLog.objects.filter(recipient=admin)
        assert sorted(rows.values_list("notification_type", flat=True)) == sorted(registry.channels())
        assert rows.values("notification").distinct().count() == 1
        assert rows.values("link_key").distinct().count() == len(registry.channels())
    assert not NotificationLog.objects.filter(recipient=cleo).exists()


def test_a_row_says_what_happened_to_what_by_whom_and_why(make_ticket: MakeTicket, ada: User, cleo: User) -> None:
    ticket = make_ticket(quiet=False, title="Blank <page>")
    row = row_of(ada, "EMAIL")
    assert (row.event, row.reason) == ("ticket_created", Reason.ADMIN)
    assert (row.resource_type, row.resource_id, row.url) == ("ticket", ticket.pk, f"/api/tickets/{ticket.pk}/")
    assert row.subject == f"{ticket.number} raised: Blank <page>"
    assert row.message == "Cleo Client raised ticket: Blank <page>"
    assert row.actor == {"id": cleo.pk, "username": "cleo", "full_name": "Cleo Client"}
    assert (row.ticket_id, row.created_at) == (ticket.pk, ticket.created_at)
    assert not row.is_read


def test_the_inbox_row_has_arrived_and_the_others_are_due_at_once(make_ticket: MakeTicket, ada: User) -> None:
    ticket = make_ticket(quiet=False)
    inbox, mail = row_of(ada, "SYSTEM"), row_of(ada, "EMAIL")
    assert (inbox.status, inbox.next_attempt_at) == (DeliveryStatus.DELIVERED, None)
    assert inbox.sent_at == inbox.delivered_at == ticket.created_at
    assert (mail.status, mail.next_attempt_at) == (DeliveryStatus.PENDING, ticket.created_at)
    assert (mail.sent_at, mail.delivered_at) == (None, None)


def test_the_snapshot_stays_as_the_ticket_was(make_ticket: MakeTicket, ada: User, cleo: User) -> None:
    ticket = make_ticket()
    tickets.update(actor=cleo, ticket_id=ticket.pk, title="Another title", priority="CRITICAL")
    assert row_of(ada, "SYSTEM").ticket_snapshot == {
        "id": ticket.pk,
        "number": ticket.number,
        "title": "Checkout shows a blank page",
        "status": "NEW",
        "status_display": "New",
        "priority": "MEDIUM",
    }


@pytest.mark.parametrize("calls", [1, 2], ids=["in one call", "in two calls"])
def test_the_same_change_announced_twice_is_one_message(
    calls: int, make_ticket: MakeTicket, ada: User, cleo: User
) -> None:
    change = change_of(make_ticket(), "ticket_opened", actor=ada)
    for _ in range(calls):
        announce(*[change] * 2)
    rows = NotificationLog.objects.filter(recipient=cleo)
    assert rows.count() == len(registry.channels())
    own = Feed.objects.get(user=cleo)
    assert (own.top_seq, feed.unread_count(own)) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_refused(make_ticket: MakeTicket, ada: User) -> None:
    change = change_of(make_ticket(), "ticket_opened", actor=ada)
    with pytest.raises(RuntimeError, match="transaction"):
        announce(change)


def test_after_a_rollback_nobody_hears(make_ticket: MakeTicket, ada: User, cleo: User, committed: Committed) -> None:
    ticket = make_ticket()
    rows, top = NotificationLog.objects.count(), Feed.objects.get(user=ada).top_seq
    with committed() as callbacks, transaction.atomic():
        tickets.open_ticket(actor=ada, ticket_id=ticket.pk)
        announce(change_of(ticket, "ticket_created", actor=cleo))
        assert NotificationLog.objects.count() > rows
        transaction.set_rollback(True)
    assert callbacks == []
    assert NotificationLog.objects.count() == rows
    assert Feed.objects.get(user=ada).top_seq == top
    assert not Feed.objects.filter(user=cleo, top_seq__gt=0).exists()


def test_one_action_pushes_once_and_nudges_once(
    make_ticket: MakeTicket,
    ada: User,
    dan: User,
    dora: User,
    committed: Committed,
) -> None:
    ticket = make_ticket()
    with committed() as callbacks:
        tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk, dora.pk])
    assert callbacks.count(nudge) == 1
    told = [(user_id, frame["event"]) for user_id, frame in pushed(callbacks)]
    expected = [(dan.pk, "ticket_assigned"), (dora.pk, "ticket_assigned"), (ticket.created_by_id, "ticket_opened")]
    assert told == expected


def test_telling_nobody_nudges_nobody(make_ticket: MakeTicket, ada: User, dan: User, committed: Committed) -> None:
    ticket = make_ticket(assigned_to=[dan])
    with committed() as callbacks:
        tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk])
    assert callbacks == []


def test_positions_and_unread_counts_go_on_with_each_notification(
    make_ticket: MakeTicket, ada: User, dan: User, cleo: User
) -> None:
    make_ticket(Status.RESOLVED)
    rows = NotificationLog.objects.filter(recipient=cleo, notification_type="SYSTEM").order_by("pk")
    assert [(row.seq, row.changed_seq, row.unread_seq) for row in rows] == [(n, n, n) for n in (1, 2, 3)]
    own = Feed.objects.get(user=cleo)
    per_event = {"ticket_opened": 1, "work_started": 1, "work_finished": 1}
    assert own.top_seq == 3
    assert own.unread == dict.fromkeys(registry.channels(), per_event)
    others = NotificationLog.objects.filter(recipient=cleo).exclude(notification_type="SYSTEM")
    assert sorted(set(others.values_list("seq", flat=True))) == [1, 2, 3]


def test_the_frame_carries_the_absolute_unread_count_at_its_position(
    make_ticket: MakeTicket, cleo: User, ada: User, committed: Committed
) -> None:
    ticket = make_ticket()
    changes = [change_of(ticket, "ticket_opened", actor=ada, key=f"opened:{n}") for n in range(3)]
    with committed() as callbacks:
        announce(*changes)
    told = [(frame["seq"], frame["unread_count"]) for _, frame in pushed(callbacks)]
    assert told == [(1, 1), (2, 2), (3, 3)]


def test_the_actor_is_not_told(make_ticket: MakeTicket, ada: User, cleo: User) -> None:
    tickets.create(actor=ada, title="Ada's own", description="Raised by an admin")
    assert inbox_of(ada) == []


def test_inactive_people_are_not_told(make_ticket: MakeTicket, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    make_ticket()
    assert not NotificationLog.objects.exists()


def test_who_no_longer_sees_the_ticket_is_not_told(make_ticket: MakeTicket, ada: User, dan: User, cleo: User) -> None:
    ticket = make_ticket(Status.IN_PROGRESS)
    User.objects.filter(pk=cleo.pk).update(role=Role.DEVELOPER)
    tickets.finish_work(actor=dan, ticket_id=ticket.pk)
    assert "work_finished" not in inbox_of(cleo)
    assert "work_finished" in inbox_of(ada)


def test_who_was_taken_off_a_ticket_is_told_although_unable_to_see_it(
    make_ticket: MakeTicket, ada: User, dan: User, dora: User
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dora.pk])
    assert inbox_of(dan) == ["ticket_assigned", "ticket_unassigned"]
    assert inbox_of(dora) == ["ticket_assigned"]


def test_who_is_in_several_groups_is_told_once_for_the_first_reason(
    make_ticket: MakeTicket, ada: User, dan: User
) -> None:
    ticket = make_ticket(Status.IN_PROGRESS, created_by=ada)
    tickets.finish_work(actor=dan, ticket_id=ticket.pk)
    assert inbox_of(ada).count("work_finished") == 1
    assert row_of(ada, "SYSTEM", "work_finished").reason == Reason.CREATOR


def test_twenty_recipients_cost_no_more_statements_than_one(make_ticket: MakeTicket, ada: User, cleo: User) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            tickets.create(actor=cleo, title="How many statements?", description="As few as can be.")
        return len(queries)

    make_ticket()
    one = statements()
    for n in range(19):
        admin = User.objects.create_user(f"admin{n}", f"admin{n}@example.com", role=Role.ADMIN)
        Feed.objects.create(user=admin)
    assert statements() == one
    assert NotificationLog.objects.filter(dedupe_key=NotificationLog.objects.latest("pk").dedupe_key).count() == 60


def test_many_are_told_in_batches(monkeypatch: pytest.MonkeyPatch, cleo: User) -> None:
    monkeypatch.setattr(statements, "MOST_ROWS", 7)
    for n in range(10):
        User.objects.create_user(f"admin{n}", f"admin{n}@example.com", role=Role.ADMIN)
    tickets.create(actor=cleo, title="Who is there?", description="More than one statement tells.")
    assert NotificationLog.objects.count() == 30
    positions = Feed.objects.filter(user__role=Role.ADMIN).values_list("top_seq", flat=True)
    assert list(positions) == [1] * 10
