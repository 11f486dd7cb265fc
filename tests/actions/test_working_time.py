"""What tickets are promised when somebody works from nine to five, and what holds take away of that."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from core.actions import tickets
from core.models import Status, Ticket, User
from Management.calendars import calendar
from tests.actions.conftest import Wait
from tests.conftest import MakeTicket
from tests.tickets import Api, url

OFFICE = "Mo-Fr 09:00-12:00 13:00-17:00; Europe/Vienna; AT"
WHY = "Waiting for the supplier."


@pytest.fixture(autouse=True)
def _office() -> Iterator[None]:
    with override_settings(SLA_CALENDAR=calendar("SLA_CALENDAR", OFFICE, timedelta(days=7))):
        yield


@pytest.fixture
def friday(wait: Wait) -> None:
    """16:00 in Vienna on Friday, 24 March 2028. On Sunday clocks are put forward."""
    wait(at("2028-03-24 15:00") - timezone.now())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(ticket: Ticket) -> list[str]:
    ticket.refresh_from_db()
    return [f"{moment:%m-%d %H:%M}" for moment in (ticket.response_due_at, ticket.resolution_due_at) if moment]


def test_what_is_promised_goes_on_when_work_does(friday: None, make_ticket: MakeTicket, ada: User, cleo: User) -> None:
    """Four hours and 72: one on Friday, and seven on each day after that."""
    ticket = make_ticket()
    assert due(ticket) == ["03-27 10:00", "04-10 08:00"]
    tickets.update(actor=ada, ticket_id=ticket.pk, priority="HIGH")
    assert due(ticket) == ["03-24 16:00", "03-30 09:00"]
    tickets.update(actor=ada, ticket_id=ticket.pk, priority="LOW")
    assert due(ticket)[0] == "03-27 15:00"


def test_a_hold_moves_it_by_the_work_that_was_missed(
    friday: None, make_ticket: MakeTicket, ada: User, dan: User, wait: Wait
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    tickets.hold(actor=ada, ticket_id=ticket.pk, comment=WHY)
    wait(at("2028-03-25 15:00") - timezone.now())  # Saturday: an hour of work is gone
    tickets.resume(actor=ada, ticket_id=ticket.pk)
    assert due(ticket) == ["03-27 12:00", "04-10 09:00"]
    tickets.hold(actor=ada, ticket_id=ticket.pk, comment=WHY)
    wait(timedelta(hours=20))  # all of it on the weekend
    tickets.resume(actor=ada, ticket_id=ticket.pk)
    assert due(ticket) == ["03-27 12:00", "04-10 09:00"]
    tickets.update(actor=ada, ticket_id=ticket.pk, priority="HIGH")
    assert due(ticket) == ["03-27 08:00", "03-30 10:00"]


def test_a_date_of_an_admin_is_a_date(friday: None, make_ticket: MakeTicket, ada: User, dan: User, wait: Wait) -> None:
    ticket = make_ticket(assigned_to=[dan])
    sunday = at("2028-03-26 10:00")
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk], resolution_due_at=sunday)
    assert due(ticket)[1] == "03-26 10:00"
    tickets.hold(actor=ada, ticket_id=ticket.pk, comment=WHY)
    wait(timedelta(minutes=30))
    tickets.resume(actor=ada, ticket_id=ticket.pk)
    assert due(ticket)[1] == "03-27 07:30"  # half an hour of work after it


def test_reopening_promises_working_time(
    friday: None, make_ticket: MakeTicket, cleo: User, wait: Wait, api: Api
) -> None:
    ticket = make_ticket(Status.CLOSED)
    wait(at("2028-03-26 10:00") - timezone.now())
    answer = api(cleo).post(url(ticket, "reopen"), {"comment": "It is blank again."})
    assert answer.json()["resolution_due_at"] == "2028-04-10T09:00:00Z"
