"""What is due soon or late: said once per clock and due time, to those who can do something about it."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actions import reminders, tickets
from core.actions.auto_close import auto_close
from core.models import NotificationLog, Reminder, Status, Ticket, TicketHistory, User
from tests.actions.conftest import Wait
from tests.actions.test_ticket_races import assert_feeds_fit, together, told
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.tickets import tells

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def medium(wait: Wait, make_ticket: MakeTicket, dan: User) -> Ticket:
    """Promised an answer in 4 hours and a resolution in 72; Dan is on it."""
    return make_ticket(assigned_to=[dan])


def said() -> list[str]:
    return list(NotificationLog.objects.filter(actor=None).order_by("pk").values_list("event", flat=True).distinct())


def test_each_clock_is_told_of_when_it_runs_out_and_when_it_has(
    medium: Ticket, ada: User, dan: User, wait: Wait
) -> None:
    history = medium.history.count()
    for by, event in ((3 * HOUR, ""), (MINUTE, "sla_due_soon"), (HOUR, "sla_breached")):
        wait(by)
        with tells(*([(dan, event, "assigned"), (ada, event, "admin")] if event else [])):
            reminders.remind()
        with tells():
            reminders.remind()
    tickets.start_work(actor=dan, ticket_id=medium.pk)
    for by, event in ((66 * HOUR, ""), (HOUR, "sla_due_soon"), (2 * HOUR, "sla_breached")):
        wait(by)
        with tells(*([(dan, event, "assigned"), (ada, event, "admin")] if event else [])):
            reminders.remind()
    assert set(Reminder.objects.values_list("kind", flat=True)) == {
        f"{event}:{clock}" for event in ("sla_due_soon", "sla_breached") for clock in ("response", "resolution")
    }
    medium.refresh_from_db()
    assert (medium.history.count(), medium.version) == (history + 1, history + 1)  # it is nothing that was done


def test_it_says_what_is_due_when_in_the_language_of_its_reader(medium: Ticket, dan: User, wait: Wait) -> None:
    User.objects.filter(pk=dan.pk).update(locale="de-AT")
    Ticket.objects.update(response_due_at=(due := wait(3 * HOUR)) + HOUR - MINUTE)
    reminders.remind()
    rows = NotificationLog.objects.filter(event="sla_due_soon", notification_type="SYSTEM")
    row, other = rows.get(recipient=dan), rows.exclude(recipient=dan).get()
    at = f"{due + HOUR - MINUTE:%Y-%m-%d %H:%M} UTC"
    assert row.subject == f"{medium.number} Antwort bald fällig: {medium.title}"
    assert row.message == f"Die Antwort ist um {at} fällig bei Ticket: {medium.title}"
    assert other.message == f"The response is due at {at} on ticket: {medium.title}"
    assert (row.actor, row.is_critical) == (None, False)


def test_nobody_is_told_of_what_is_done_waits_is_given_up_or_deleted(
    make_ticket: MakeTicket, ada: User, dan: User, wait: Wait
) -> None:
    answered = make_ticket(Status.IN_PROGRESS)
    make_ticket(Status.RESOLVED)
    held, cancelled, deleted = (make_ticket(assigned_to=[dan]) for _ in range(3))
    tickets.hold(actor=ada, ticket_id=held.pk, comment="Waiting for the supplier.")
    tickets.cancel(actor=ada, ticket_id=cancelled.pk, comment="Raised by mistake.")
    tickets.delete(actor=ada, ticket_id=deleted.pk)
    wait(5 * HOUR)
    with tells():
        reminders.remind()
    wait(90 * HOUR)
    with tells((ada, "sla_breached", "admin"), (dan, "sla_breached", "assigned")):
        reminders.remind()
    assert NotificationLog.objects.filter(event="sla_breached", ticket=answered).exists()


@pytest.mark.parametrize("way", ["date", "hold"])
def test_what_is_due_at_another_time_is_told_of_again(
    medium: Ticket, ada: User, dan: User, wait: Wait, way: str
) -> None:
    now = wait(71 * HOUR + MINUTE)
    soon = [(dan, "sla_due_soon", "assigned"), (ada, "sla_due_soon", "admin")]
    with tells(*soon):
        reminders.remind()
    if way == "date":
        tickets.assign(
            actor=ada, ticket_id=medium.pk, assigned_to=[dan.pk], resolution_due_at=now + timedelta(minutes=40)
        )
    else:
        tickets.start_work(actor=dan, ticket_id=medium.pk)
        tickets.hold(actor=dan, ticket_id=medium.pk, comment="Waiting for the supplier.")
        wait(5 * HOUR)
        tickets.resume(actor=dan, ticket_id=medium.pk)
    with tells(*soon):
        reminders.remind()


def test_a_breach_is_told_once_however_its_due_time_moves(medium: Ticket, ada: User, dan: User, wait: Wait) -> None:
    wait(73 * HOUR)
    reminders.remind()
    late = Reminder.objects.filter(kind="sla_breached:resolution")
    assert late.count() == 1
    before = NotificationLog.objects.filter(event="sla_breached").count()
    for priority in ("HIGH", "CRITICAL", "MEDIUM"):
        tickets.update(actor=ada, ticket_id=medium.pk, priority=priority)
        reminders.remind()
    for _ in range(2):
        tickets.hold(actor=ada, ticket_id=medium.pk, comment="Waiting for the supplier.")
        wait(HOUR)
        tickets.resume(actor=ada, ticket_id=medium.pk)
        reminders.remind()
    assert NotificationLog.objects.filter(event="sla_breached").count() == before
    medium.refresh_from_db()
    assert late.get().due_at == medium.resolution_due_at
    tickets.update(actor=ada, ticket_id=medium.pk, priority="LOW")  # late no more; and then again
    wait(96 * HOUR)
    with tells((dan, "sla_breached", "assigned"), (ada, "sla_breached", "admin")):
        reminders.remind()


def test_a_due_time_moves_onto_one_of_which_all_were_told_before(medium: Ticket, ada: User, wait: Wait) -> None:
    wait(73 * HOUR)
    reminders.remind()
    for priority in ("LOW", "HIGH"):  # out of the breach, and into another one
        tickets.update(actor=ada, ticket_id=medium.pk, priority=priority)
        reminders.remind()
    with tells():
        tickets.update(actor=ada, ticket_id=medium.pk, priority="MEDIUM")
        reminders.remind()
    assert Reminder.objects.filter(kind="sla_breached:resolution").count() == 2


def test_only_a_late_clock_that_moves_asks_what_was_told(medium: Ticket, ada: User, wait: Wait) -> None:
    def asked(priority: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            tickets.update(actor=ada, ticket_id=medium.pk, priority=priority)
        return sum("core_reminder" in query["sql"] for query in captured)

    assert [asked(priority) for priority in ("HIGH", "MEDIUM")] == [0, 0]
    wait(5 * HOUR)
    assert asked("HIGH") == 1  # its response


def test_a_reminder_is_not_sent_any_more_once_the_ticket_is_cancelled(
    medium: Ticket, ada: User, wait: Wait, deliver: Callable[[], None]
) -> None:
    wait(5 * HOUR)
    reminders.remind()
    Ticket.objects.update(status=Status.CANCELLED, paused_at=timezone.now())
    deliver()
    rows = NotificationLog.objects.filter(event="sla_breached").exclude(notification_type="SYSTEM")
    assert set(rows.values_list("status", "error")) == {("CANCELLED", "ticket_closed")}


@pytest.mark.parametrize(
    ("status", "at"),
    [(Status.OPEN, "first_responded_at"), (Status.ON_HOLD, "paused_at"), (Status.RESOLVED, "resolved_at")],
)
def test_a_reminder_is_not_sent_any_more_once_it_is_done_or_put_off(
    medium: Ticket, wait: Wait, deliver: Callable[[], None], status: Status, at: str
) -> None:
    now = wait(5 * HOUR)
    reminders.remind()
    Ticket.objects.update(status=status, **{"started_at": now, at: now})
    deliver()
    rows = NotificationLog.objects.filter(event="sla_breached").exclude(notification_type="SYSTEM")
    assert set(rows.values_list("status", "error")) == {("CANCELLED", "reminder_outdated")}


def test_an_answer_outdates_no_reminder_of_the_resolution(
    medium: Ticket, ada: User, dan: User, wait: Wait, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    now = wait(73 * HOUR)
    reminders.remind()
    Ticket.objects.update(first_responded_at=now)
    deliver()
    for user in (ada, dan):
        assert mailbox.take(user.email).message["Subject"] == f"{medium.number} resolution overdue: {medium.title}"


def test_a_run_takes_so_many_and_the_next_one_the_others(
    make_ticket: MakeTicket, dan: User, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "BATCH", 2)
    for _ in range(3):
        make_ticket(assigned_to=[dan])
    wait(5 * HOUR)
    for many in (2, 3, 3):
        reminders.remind()
        assert Reminder.objects.count() == many


def test_what_has_been_late_for_long_is_no_news_unless_it_was_touched_since(
    make_ticket: MakeTicket, ada: User, dan: User, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "BATCH", 2)
    touched, *_ = (make_ticket(assigned_to=[dan]) for _ in range(4))
    wait(30 * HOUR)
    tickets.update(actor=ada, ticket_id=touched.pk, title="It is still blank")
    with tells((dan, "sla_breached", "assigned"), (ada, "sla_breached", "admin")):
        reminders.remind()
        reminders.remind()
    assert Reminder.objects.count() == 4
    assert NotificationLog.objects.filter(event="sla_breached", ticket=touched).exists()


def test_a_run_whose_time_is_used_up_leaves_the_rest_to_the_next(
    make_ticket: MakeTicket, ada: User, dan: User, cleo: User, wait: Wait
) -> None:
    make_ticket(assigned_to=[dan])
    wait(5 * HOUR)
    with tells():
        reminders.remind(time.monotonic() - 1)
    with tells((dan, "sla_breached", "assigned"), (ada, "sla_breached", "admin")):
        reminders.remind(time.monotonic() + 60)
    make_ticket(Status.RESOLVED)
    wait(120 * HOUR)
    with tells():
        auto_close(time.monotonic() - 1)
    with tells((cleo, "auto_close_soon", "creator")):
        auto_close(time.monotonic() + 60)


def test_looking_for_what_is_due_takes_as_many_queries_whatever_there_is(
    make_ticket: MakeTicket, dan: User, wait: Wait
) -> None:
    for _ in range(3):
        make_ticket(assigned_to=[dan])
    wait(5 * HOUR)
    reminders.remind()
    with CaptureQueriesContext(connection) as captured:
        reminders.remind()
    assert len(captured) == 6


@pytest.mark.django_db(transaction=True)
def test_several_at_once_remind_once(make_ticket: MakeTicket, dan: User) -> None:
    for _ in range(3):
        make_ticket(assigned_to=[dan])
    Ticket.objects.update(response_due_at=timezone.now() - MINUTE)
    assert together(*4 * [reminders.remind]) == {"NoneType": 4}
    assert set(told("sla_breached").values()) == {3}
    assert Reminder.objects.count() == 3
    assert_feeds_fit()


@pytest.mark.django_db(transaction=True)
def test_a_reminder_that_comes_with_the_answer_is_said_before_it_or_never(make_ticket: MakeTicket, dan: User) -> None:
    for _ in range(4):
        ticket = make_ticket(assigned_to=[dan])
        Ticket.objects.filter(pk=ticket.pk).update(response_due_at=timezone.now() - MINUTE)
        start = partial(tickets.start_work, actor=dan, ticket_id=ticket.pk)
        together(reminders.remind, start)
        answered = TicketHistory.objects.get(ticket=ticket, action="start_work").created_at
        assert not Reminder.objects.filter(ticket=ticket, created_at__gt=answered).exists()
    assert_feeds_fit()
