"""What tickets are promised, and how that moves through their life."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from core.actions import clocks, tickets
from core.domain import sla
from core.models import Ticket, User
from tests.actions.conftest import Wait
from tests.conftest import MakeTicket

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WHY = "Waiting for the supplier."


@pytest.fixture
def start(wait: Wait) -> datetime:
    return wait(timedelta())


@pytest.fixture
def medium(start: datetime, make_ticket: MakeTicket, dan: User) -> Ticket:
    """Promised an answer in 4 hours and a resolution in 72; Dan is on it."""
    return make_ticket(assigned_to=[dan])


def due(ticket: Ticket) -> tuple[datetime | None, datetime | None]:
    ticket.refresh_from_db()
    return ticket.response_due_at, ticket.resolution_due_at


def states(ticket: Ticket) -> list[str]:
    ticket.refresh_from_db()
    return [state.value for state in sla.states(ticket, timezone.now(), clocks.targets()).values()]


def recorded(ticket: Ticket) -> set[str]:
    """What the last row of the history says has changed."""
    return set(ticket.history.latest("version").changes)


@pytest.mark.parametrize(
    ("priority", "response", "resolution"),
    [("CRITICAL", 15 * MINUTE, 4 * HOUR), ("HIGH", HOUR, 24 * HOUR), ("LOW", 8 * HOUR, 168 * HOUR)],
)
def test_the_priority_says_what_is_promised(
    start: datetime, make_ticket: MakeTicket, ada: User, priority: str, response: timedelta, resolution: timedelta
) -> None:
    promised = (start + response, start + resolution)
    assert due(make_ticket(priority=priority)) == promised
    corrected = make_ticket(priority="MEDIUM")
    tickets.update(actor=ada, ticket_id=corrected.pk, priority=priority)
    assert due(corrected) == promised
    assert recorded(corrected) == {"priority", "response_due_at", "resolution_due_at"}


def test_other_corrections_promise_nothing(medium: Ticket, ada: User, wait: Wait, start: datetime) -> None:
    wait(HOUR)
    tickets.update(actor=ada, ticket_id=medium.pk, title="Other")
    assert due(medium) == (start + 4 * HOUR, start + 72 * HOUR)
    assert recorded(medium) == {"title"}


def test_what_is_done_keeps_its_promise(medium: Ticket, ada: User, dan: User, start: datetime) -> None:
    tickets.start_work(actor=dan, ticket_id=medium.pk)
    tickets.update(actor=ada, ticket_id=medium.pk, priority="HIGH")
    assert due(medium) == (start + 4 * HOUR, start + 24 * HOUR)
    tickets.finish_work(actor=dan, ticket_id=medium.pk)
    tickets.update(actor=ada, ticket_id=medium.pk, priority="LOW")
    assert due(medium) == (start + 4 * HOUR, start + 24 * HOUR)


def test_rejected_work_is_promised_by_the_priority_of_now(
    medium: Ticket, ada: User, dan: User, cleo: User, start: datetime
) -> None:
    def rejected() -> set[str]:
        tickets.reject(actor=cleo, ticket_id=medium.pk, comment="Still blank in Firefox.")
        return recorded(medium)

    tickets.start_work(actor=dan, ticket_id=medium.pk)
    tickets.finish_work(actor=dan, ticket_id=medium.pk)
    assert rejected() == set()
    tickets.finish_work(actor=dan, ticket_id=medium.pk)
    tickets.update(actor=ada, ticket_id=medium.pk, priority="CRITICAL")
    assert rejected() == {"resolution_due_at"}
    assert due(medium) == (start + 4 * HOUR, start + 4 * HOUR)
    tickets.hold(actor=ada, ticket_id=medium.pk, comment=WHY)
    tickets.resume(actor=ada, ticket_id=medium.pk)
    assert due(medium) == (start + 4 * HOUR, start + 4 * HOUR)  # that promise is the one in force


@pytest.mark.parametrize("ahead", [5 * HOUR, None])
def test_a_date_of_an_admin_goes_before_the_priority(
    medium: Ticket, ada: User, dan: User, start: datetime, ahead: timedelta | None
) -> None:
    date = start + ahead if ahead else None
    tickets.assign(actor=ada, ticket_id=medium.pk, assigned_to=[dan.pk], resolution_due_at=date)
    tickets.update(actor=ada, ticket_id=medium.pk, priority="CRITICAL")
    assert due(medium) == (start + 15 * MINUTE, date)


def test_an_estimate_that_a_new_promise_overtakes_is_cleared(
    medium: Ticket, ada: User, dan: User, start: datetime
) -> None:
    estimate = start + 10 * HOUR
    tickets.assign(actor=ada, ticket_id=medium.pk, assigned_to=[dan.pk], estimated_resolution_time=estimate)
    tickets.update(actor=ada, ticket_id=medium.pk, priority="HIGH")
    assert Ticket.objects.get(pk=medium.pk).estimated_resolution_time == estimate
    tickets.update(actor=ada, ticket_id=medium.pk, priority="CRITICAL")
    assert Ticket.objects.get(pk=medium.pk).estimated_resolution_time is None
    changes = medium.history.latest("version").changes
    assert changes["estimated_resolution_time"] == [clocks.iso(estimate), None]


def test_a_hold_moves_both_by_its_length(medium: Ticket, ada: User, wait: Wait, start: datetime) -> None:
    for _ in range(2):
        wait(HOUR)
        tickets.hold(actor=ada, ticket_id=medium.pk, comment=WHY)
        wait(5 * HOUR)
        tickets.resume(actor=ada, ticket_id=medium.pk)
        assert recorded(medium) == {"response_due_at", "resolution_due_at"}
    assert due(medium) == (start + 14 * HOUR, start + 82 * HOUR)
    assert clocks.settle(medium, "", {}, timezone.now()) == {}  # worked out again, it is the same
    assert states(medium) == ["ok", "ok"]


def test_on_hold_the_clocks_stand(medium: Ticket, ada: User, cleo: User, wait: Wait, start: datetime) -> None:
    wait(3 * HOUR + MINUTE)
    tickets.hold(actor=ada, ticket_id=medium.pk, comment=WHY)
    wait(1_000 * HOUR)
    tickets.add_comment(actor=cleo, ticket_id=medium.pk, comment="Any news?")
    assert due(medium) == (start + 4 * HOUR, start + 72 * HOUR)
    assert states(medium) == ["due_soon", "ok"]


def test_starting_work_ends_a_hold_and_answers(
    medium: Ticket, ada: User, dan: User, wait: Wait, start: datetime
) -> None:
    tickets.hold(actor=ada, ticket_id=medium.pk, comment=WHY)
    wait(5 * HOUR)
    tickets.start_work(actor=dan, ticket_id=medium.pk)
    assert due(medium) == (start + 9 * HOUR, start + 77 * HOUR)
    assert states(medium) == ["met", "ok"]


def test_an_answer_on_hold_is_in_time(medium: Ticket, ada: User, wait: Wait, start: datetime) -> None:
    wait(HOUR)
    tickets.hold(actor=ada, ticket_id=medium.pk, comment=WHY)
    wait(5 * HOUR)
    tickets.add_comment(actor=ada, ticket_id=medium.pk, comment="The supplier is late.")
    assert due(medium) == (start + 9 * HOUR, start + 72 * HOUR)
    assert states(medium) == ["met", "ok"]
    wait(2 * HOUR)
    tickets.resume(actor=ada, ticket_id=medium.pk)
    assert due(medium) == (start + 9 * HOUR, start + 79 * HOUR)
    assert recorded(medium) == {"resolution_due_at"}


def test_another_priority_on_hold_counts_the_whole_hold(medium: Ticket, ada: User, wait: Wait, start: datetime) -> None:
    tickets.hold(actor=ada, ticket_id=medium.pk, comment=WHY)
    wait(HOUR)
    tickets.update(actor=ada, ticket_id=medium.pk, priority="HIGH")
    assert due(medium) == (start + HOUR, start + 24 * HOUR)
    wait(HOUR)
    tickets.resume(actor=ada, ticket_id=medium.pk)
    assert due(medium) == (start + 3 * HOUR, start + 26 * HOUR)
    tickets.update(actor=ada, ticket_id=medium.pk, priority="LOW")
    assert due(medium) == (start + 10 * HOUR, start + 170 * HOUR)


def test_a_date_set_on_hold_is_moved_by_what_follows(
    medium: Ticket, ada: User, dan: User, wait: Wait, start: datetime
) -> None:
    tickets.hold(actor=ada, ticket_id=medium.pk, comment=WHY)
    wait(10 * HOUR)
    date = start + 50 * HOUR
    tickets.assign(actor=ada, ticket_id=medium.pk, assigned_to=[dan.pk], resolution_due_at=date)
    assert due(medium)[1] == date
    wait(2 * HOUR)
    tickets.resume(actor=ada, ticket_id=medium.pk)
    assert due(medium) == (start + 16 * HOUR, date + 2 * HOUR)


def test_a_ticket_of_an_earlier_release_was_promised_nothing(medium: Ticket, ada: User, wait: Wait) -> None:
    medium.history.filter(action="create").update(changes={})
    Ticket.objects.filter(pk=medium.pk).update(response_due_at=None, resolution_due_at=None)
    tickets.hold(actor=ada, ticket_id=medium.pk, comment=WHY)
    wait(HOUR)
    tickets.resume(actor=ada, ticket_id=medium.pk)
    assert due(medium) == (None, None)
    assert recorded(medium) == set()


def test_cancelling_stops_the_clocks_for_good(medium: Ticket, ada: User, wait: Wait, start: datetime) -> None:
    wait(3 * HOUR + MINUTE)
    tickets.hold(actor=ada, ticket_id=medium.pk, comment=WHY)
    wait(5 * HOUR)
    tickets.cancel(actor=ada, ticket_id=medium.pk, comment="Nobody needs it any more.")
    assert due(medium) == (start + 9 * HOUR, start + 77 * HOUR)
    wait(1_000 * HOUR)
    tickets.add_comment(actor=ada, ticket_id=medium.pk, comment="Sorry about that.")
    assert states(medium) == ["due_soon", "ok"]


def test_a_rejected_resolution_was_none(medium: Ticket, dan: User, cleo: User, wait: Wait, start: datetime) -> None:
    wait(HOUR)
    tickets.start_work(actor=dan, ticket_id=medium.pk)
    tickets.finish_work(actor=dan, ticket_id=medium.pk)
    wait(100 * HOUR)
    assert states(medium) == ["met", "met"]
    tickets.reject(actor=cleo, ticket_id=medium.pk, comment="It is still blank.")
    assert due(medium) == (start + 4 * HOUR, start + 72 * HOUR)
    assert states(medium) == ["met", "breached"]


def test_reopening_promises_a_resolution_anew(
    make_ticket: MakeTicket, ada: User, dan: User, cleo: User, wait: Wait, start: datetime
) -> None:
    ticket = make_ticket()
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk], resolution_due_at=start + HOUR)
    tickets.start_work(actor=dan, ticket_id=ticket.pk)
    tickets.finish_work(actor=dan, ticket_id=ticket.pk)
    tickets.approve(actor=cleo, ticket_id=ticket.pk)
    reopened = wait(100 * HOUR)
    tickets.reopen(actor=cleo, ticket_id=ticket.pk, comment="It is blank again.")
    assert due(ticket) == (start + 4 * HOUR, reopened + 72 * HOUR)
    assert recorded(ticket) == {"resolution_due_at"}
    assert states(ticket) == ["met", "ok"]
    wait(HOUR)
    tickets.hold(actor=ada, ticket_id=ticket.pk, comment=WHY)
    wait(HOUR)
    tickets.resume(actor=ada, ticket_id=ticket.pk)
    tickets.update(actor=ada, ticket_id=ticket.pk, priority="HIGH")
    assert due(ticket) == (start + 4 * HOUR, reopened + 25 * HOUR)


@pytest.mark.parametrize(("who", "answers"), [("ada", True), ("dan", True), ("cleo", False)])
def test_the_first_comment_of_staff_answers(medium: Ticket, wait: Wait, who: str, answers: bool) -> None:
    user, at = User.objects.get(username=who), wait(HOUR)
    for _ in range(2):
        tickets.add_comment(actor=user, ticket_id=medium.pk, comment="Looking into it.")
        wait(HOUR)
    medium.refresh_from_db()
    assert medium.first_responded_at == (at if answers else None)


def test_nobody_answers_themselves_nor_in_secret(make_ticket: MakeTicket, ada: User, dan: User) -> None:
    own, other = make_ticket(created_by=ada), make_ticket(assigned_to=[dan])
    tickets.add_comment(actor=ada, ticket_id=own.pk, comment="To be clear.")
    tickets.add_comment(actor=dan, ticket_id=other.pk, comment="Between us.", is_internal=True)
    assert not Ticket.objects.exclude(first_responded_at=None).exists()
