"""What has been resolved for days is closed by itself; its creator is reminded before."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.test import override_settings
from django.utils import timezone

from core import tasks
from core.actions import auto_close as closing
from core.actions import tickets
from core.actions.auto_close import auto_close
from core.models import NotificationLog, Reminder, Status, Ticket, TicketHistory, User
from tests.actions.conftest import Wait
from tests.actions.test_ticket_races import assert_feeds_fit, together
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.tickets import Api, assert_recorded, refused, tells, url

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def resolved(wait: Wait, make_ticket: MakeTicket) -> Ticket:
    """Cleo's, by Dan."""
    return make_ticket(Status.RESOLVED)


def test_after_five_days_its_creator_is_reminded_once(resolved: Ticket, cleo: User, wait: Wait) -> None:
    closes = wait(5 * DAY - MINUTE) + 2 * DAY + MINUTE
    with tells():
        auto_close()
    wait(MINUTE)
    with tells((cleo, "auto_close_soon", "creator")):
        auto_close()
    row = NotificationLog.objects.get(event="auto_close_soon", notification_type="SYSTEM")
    assert row.subject == f"{resolved.number} closes at {closes:%Y-%m-%d %H:%M} UTC: {resolved.title}"
    wait(DAY)
    with tells():
        auto_close()


def test_after_seven_days_it_is_closed_and_everybody_is_told(
    resolved: Ticket, ada: User, dan: User, cleo: User, wait: Wait, api: Api
) -> None:
    wait(5 * DAY)
    auto_close()
    wait(2 * DAY - MINUTE)
    auto_close()
    assert not Ticket.objects.filter(status=Status.CLOSED).exists()
    now = wait(MINUTE)
    people = ((cleo, "creator"), (dan, "assigned"), (ada, "admin"))
    with tells(*((user, "ticket_auto_closed", why) for user, why in people)):
        tasks.remind()
        tasks.remind()
    assert_recorded(resolved, None, "auto_close", Status.RESOLVED, Status.CLOSED, comment="", changes={})
    assert resolved.closed_at == now
    told = NotificationLog.objects.filter(event="ticket_auto_closed", notification_type="SYSTEM").first()
    assert told is not None
    assert told.message == f"Resolved for 7 days, a ticket was closed by itself: {resolved.title}"
    client = api(cleo)
    row = client.get(url(resolved, "history")).json()["results"][-1]
    assert (row["action"], row["actor"], row["version"]) == ("auto_close", None, resolved.version)
    stale = {"HTTP_IF_MATCH": f'"{resolved.version - 1}"'}
    refused(412, client.post, url(resolved, "reopen"), {"comment": "It is blank again."}, **stale)
    assert client.post(url(resolved, "reopen"), {"comment": "It is blank again."}).json()["status"] == "OPEN"


def test_nothing_is_closed_unannounced_however_long_ago_it_was_resolved(
    resolved: Ticket, cleo: User, wait: Wait
) -> None:
    now = wait(30 * DAY)
    with tells((cleo, "auto_close_soon", "creator")):
        auto_close()
    row = NotificationLog.objects.get(event="auto_close_soon", notification_type="SYSTEM")
    assert f"{now + 2 * DAY:%Y-%m-%d %H:%M} UTC" in row.subject
    wait(2 * DAY)
    auto_close()
    assert Ticket.objects.get().status == Status.CLOSED


def test_a_reminder_is_not_sent_any_more_once_the_work_is_rejected(
    resolved: Ticket, ada: User, dan: User, cleo: User, wait: Wait, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    wait(5 * DAY)
    auto_close()
    tickets.reject(actor=cleo, ticket_id=resolved.pk, comment="It is still blank.")
    deliver()
    assert {mail.to for mail in mailbox.take_all()} == {ada.email, dan.email}
    rows = NotificationLog.objects.filter(event="auto_close_soon").exclude(notification_type="SYSTEM")
    assert set(rows.values_list("status", "error")) == {("CANCELLED", "reminder_outdated")}


def test_it_is_nothing_that_people_can_do(resolved: Ticket, ada: User, api: Api) -> None:
    client = api(ada)
    assert "auto_close" not in client.get(url(resolved)).json()["allowed_actions"]
    refused(404, client.post, url(resolved, "auto_close"))


def test_the_days_are_counted_from_the_last_time_it_was_resolved(
    resolved: Ticket, dan: User, cleo: User, wait: Wait
) -> None:
    wait(6 * DAY)
    auto_close()
    tickets.reject(actor=cleo, ticket_id=resolved.pk, comment="It is still blank.")
    tickets.finish_work(actor=dan, ticket_id=resolved.pk)
    wait(4 * DAY)
    with tells():
        auto_close()
    wait(DAY)
    with tells((cleo, "auto_close_soon", "creator")):
        auto_close()
    assert Reminder.objects.count() == 2


def test_what_was_approved_or_deleted_meanwhile_is_left_alone(
    make_ticket: MakeTicket, ada: User, cleo: User, wait: Wait
) -> None:
    approved, deleted = make_ticket(Status.RESOLVED), make_ticket(Status.RESOLVED)
    wait(6 * DAY)
    auto_close()
    wait(2 * DAY)
    tickets.approve(actor=cleo, ticket_id=approved.pk)
    tickets.delete(actor=ada, ticket_id=deleted.pk)
    with tells():
        auto_close()
        for ticket in (approved, deleted):  # as if it had been found before
            closing.close(ticket_id=ticket.pk)
            closing.remind_creator(ticket_id=ticket.pk)


def test_one_that_cannot_be_closed_does_not_keep_the_others_open(
    make_ticket: MakeTicket, ada: User, wait: Wait
) -> None:
    broken, other = make_ticket(Status.RESOLVED), make_ticket(Status.RESOLVED)
    row = {"ticket": broken, "actor": ada, "to_status": Status.RESOLVED, "created_at": timezone.now()}
    TicketHistory.objects.create(**row, action="update", version=broken.version + 1)  # the place is taken
    wait(6 * DAY)
    auto_close()
    wait(2 * DAY)
    auto_close()
    closed = Ticket.objects.filter(status=Status.CLOSED)
    assert [ticket.pk for ticket in closed] == [other.pk]


@pytest.mark.parametrize(("days", "reminder_days"), [(0, 5), (9, 0)])
def test_it_can_be_switched_off(resolved: Ticket, wait: Wait, days: int, reminder_days: int) -> None:
    wait(8 * DAY)
    with override_settings(AUTO_CLOSE_DAYS=days, AUTO_CLOSE_REMINDER_DAYS=reminder_days), tells():
        auto_close()


@pytest.mark.django_db(transaction=True)
def test_closed_by_itself_and_approved_at_once_one_of_them_happens(make_ticket: MakeTicket, cleo: User) -> None:
    for _ in range(4):
        ticket = make_ticket(Status.RESOLVED)
        then = timezone.now() - 8 * DAY
        Ticket.objects.filter(pk=ticket.pk).update(resolved_at=then)
        Reminder.objects.create(ticket=ticket, kind="auto_close_soon", due_at=then, created_at=then + 5 * DAY)
        approve = partial(tickets.approve, actor=cleo, ticket_id=ticket.pk)
        outcome = together(auto_close, auto_close, approve)
        assert outcome in (Counter(NoneType=2, Ticket=1), Counter(NoneType=2, InvalidTransition=1))
        done = TicketHistory.objects.filter(ticket=ticket, to_status=Status.CLOSED)
        assert [row.action for row in done] == ["approve" if outcome["Ticket"] else "auto_close"]
    assert_feeds_fit()
