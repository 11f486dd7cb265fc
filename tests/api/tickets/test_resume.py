"""POST /api/tickets/{id}/resume/"""

import pytest

from core.actions import tickets
from core.models import Status, User
from tests.api.tickets.refusals import Refusals
from tests.conftest import MakeTicket
from tests.tickets import Api, assert_recorded, in_status, tells, url


class TestRefusals(Refusals):
    action = "resume"
    who = "dan"
    others = ("cleo",)
    sources = {Status.ON_HOLD}


@pytest.mark.parametrize("status", [Status.OPEN, Status.IN_PROGRESS])
def test_it_goes_back_to_the_status_it_was_held_from_the_last_time(
    api: Api, dan: User, dora: User, cleo: User, make_ticket: MakeTicket, status: Status
) -> None:
    ticket = make_ticket(assigned_to=[dan, dora])
    for held_from in (Status.OPEN, status):
        if held_from == Status.IN_PROGRESS:
            tickets.start_work(actor=dan, ticket_id=ticket.pk)
        tickets.hold(actor=dan, ticket_id=ticket.pk, comment="Waiting for the vendor.")
        ticket.refresh_from_db()
        with tells((cleo, "ticket_resumed", "creator"), (dora, "ticket_resumed", "assigned")):
            response = api(dan).post(url(ticket, "resume"))
        assert response.status_code == 200
        assert response.json() == api(dan).get(url(ticket)).json()
        assert_recorded(ticket, dan, "resume", "ON_HOLD", held_from, comment="")
        assert ticket.paused_at is None


def test_an_admin_may_too(api: Api, ada: User, dan: User, make_ticket: MakeTicket) -> None:
    ticket = in_status(make_ticket, Status.ON_HOLD, dan)
    assert api(ada).post(url(ticket, "resume")).json()["status"] == "IN_PROGRESS"
