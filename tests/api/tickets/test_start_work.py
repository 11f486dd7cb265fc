"""POST /api/tickets/{id}/start_work/"""

from core.models import Status, Ticket, User
from tests.api.tickets.refusals import Refusals
from tests.conftest import MakeTicket
from tests.tickets import ALWAYS, Api, assert_recorded, in_status, tells, url


class TestRefusals(Refusals):
    action = "start_work"
    who = "dan"
    others = ("ada", "cleo")
    sources = {Status.OPEN, Status.ON_HOLD}


def test_starting_tells_the_creator_and_nobody_else(
    api: Api, dan: User, dora: User, cleo: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan, dora])
    with tells((cleo, "work_started", "creator")):
        response = api(dan).post(url(ticket, "start_work"))
    assert response.status_code == 200
    assert response.json() == api(dan).get(url(ticket)).json()
    assert (response.json()["status"], response.json()["allowed_actions"]) == (
        "IN_PROGRESS",
        ["finish_work", "hold", *ALWAYS],
    )
    row = assert_recorded(ticket, dan, "start_work", "OPEN", "IN_PROGRESS", changes={}, comment="")
    assert ticket.started_at == ticket.first_responded_at == row.created_at


def test_any_of_the_assigned_may_start(api: Api, dan: User, dora: User, cleo: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(assigned_to=[dan, dora])
    with tells((cleo, "work_started", "creator")):
        assert api(dora).post(url(ticket, "start_work")).status_code == 200


def test_starting_again_after_a_hold_keeps_the_first_start(api: Api, dan: User, make_ticket: MakeTicket) -> None:
    ticket = in_status(make_ticket, Status.ON_HOLD, dan)
    started, responded = ticket.started_at, ticket.first_responded_at
    assert api(dan).post(url(ticket, "start_work")).status_code == 200
    assert_recorded(ticket, dan, "start_work", "ON_HOLD", "IN_PROGRESS")
    assert (ticket.started_at, ticket.first_responded_at) == (started, responded)


def test_somebody_assigned_who_is_no_developer_any_more_may_not(api: Api, dan: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(assigned_to=[dan])
    User.objects.filter(pk=dan.pk).update(role="ADMIN")
    assert api(User.objects.get(pk=dan.pk)).post(url(ticket, "start_work")).status_code == 403
    assert Ticket.objects.get(pk=ticket.pk).status == Status.OPEN
