"""POST /api/tickets/{id}/open_ticket/"""

from core.models import Status, Ticket, User
from tests.api.tickets.refusals import Refusals
from tests.conftest import MakeTicket
from tests.tickets import ALWAYS, Api, assert_recorded, tells, unchecked, url


class TestRefusals(Refusals):
    action = "open_ticket"
    who = "ada"
    others = ("cleo", "dan")
    sources = {Status.NEW}


def test_opening_tells_the_creator_and_nobody_else(
    api: Api, ada: User, dora: User, carl: User, cleo: User, new_ticket: Ticket
) -> None:
    with tells((cleo, "ticket_opened", "creator")):
        response = api(ada).post(url(new_ticket, "open_ticket"))
    assert response.status_code == 200
    assert response.json() == api(ada).get(url(new_ticket)).json()
    row = assert_recorded(new_ticket, ada, "open_ticket", "NEW", "OPEN", changes={}, comment="")
    assert new_ticket.opened_at == row.created_at
    assert (new_ticket.first_responded_at, new_ticket.started_at) == (None, None)


def test_an_empty_object_is_no_input_either(api: Api, ada: User, new_ticket: Ticket) -> None:
    assert unchecked(api(ada)).post(url(new_ticket, "open_ticket"), {}).status_code == 200


def test_the_answer_is_the_ticket_as_it_is_now(api: Api, ada: User, new_ticket: Ticket) -> None:
    answer = api(ada).post(url(new_ticket, "open_ticket")).json()
    assert (answer["status"], answer["status_display"], answer["version"]) == ("OPEN", "Open", 2)
    assert answer["allowed_actions"] == ["assign", "hold", "cancel", *ALWAYS]


def test_an_admin_who_opens_its_own_ticket_is_not_told(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(created_by=ada)
    with tells():
        assert api(ada).post(url(ticket, "open_ticket")).status_code == 200


def test_a_creator_who_was_deactivated_is_not_told(api: Api, ada: User, cleo: User, new_ticket: Ticket) -> None:
    User.objects.filter(pk=cleo.pk).update(is_active=False)
    with tells():
        assert api(ada).post(url(new_ticket, "open_ticket")).status_code == 200
