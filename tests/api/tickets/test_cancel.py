"""POST /api/tickets/{id}/cancel/"""

from core.actions import tickets
from core.models import Status, User
from tests.api.tickets.refusals import Refusals
from tests.conftest import MakeTicket
from tests.tickets import ALWAYS, Api, assert_recorded, in_status, refused, tells, url

WHY = "Raised by mistake."


class TestRefusals(Refusals):
    action = "cancel"
    body = {"comment": WHY}
    who = "ada"
    others = ("cleo", "dan")  # none of these statuses is NEW
    sources = set(Status) - {Status.CLOSED, Status.CANCELLED}


def test_an_admin_gives_it_up_and_creator_assignees_and_admins_are_told_why(
    api: Api, ada: User, dan: User, cleo: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(Status.IN_PROGRESS)
    with tells((cleo, "ticket_cancelled", "creator"), (dan, "ticket_cancelled", "assigned")):
        response = api(ada).post(url(ticket, "cancel"), {"comment": WHY})
    assert response.status_code == 200
    answer = response.json()
    assert answer == api(ada).get(url(ticket)).json()
    assert (answer["status"], answer["allowed_actions"]) == ("CANCELLED", ALWAYS)
    row = assert_recorded(ticket, ada, "cancel", "IN_PROGRESS", "CANCELLED", comment=WHY)
    assert ticket.paused_at == row.created_at


def test_the_creator_may_while_it_is_new(api: Api, ada: User, cleo: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket()
    with tells((ada, "ticket_cancelled", "admin")):
        assert api(cleo).post(url(ticket, "cancel"), {"comment": WHY}).json()["status"] == "CANCELLED"
    assert_recorded(ticket, cleo, "cancel", "NEW", "CANCELLED", comment=WHY)


def test_the_creator_may_not_later(api: Api, dan: User, cleo: User, make_ticket: MakeTicket) -> None:
    for status in set(Status) - {Status.NEW}:
        ticket = in_status(make_ticket, status, dan)
        assert refused(403, api(cleo).post, url(ticket, "cancel"), {})["code"] == "permission_denied"


def test_what_is_on_hold_can_be_cancelled(api: Api, ada: User, dan: User, make_ticket: MakeTicket) -> None:
    ticket = in_status(make_ticket, Status.ON_HOLD, dan)
    assert api(ada).post(url(ticket, "cancel"), {"comment": WHY}).json()["status"] == "CANCELLED"
    tickets.add_comment(actor=ada, ticket_id=ticket.pk, comment="For the record.")
