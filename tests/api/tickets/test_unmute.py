"""POST /api/tickets/{id}/unmute/"""

from core.actions import tickets
from core.models import User
from tests.api.tickets.follow_refusals import FollowRefusals
from tests.conftest import MakeTicket
from tests.tickets import Api, tells, url


class TestRefusals(FollowRefusals):
    action = "unmute"


def test_one_hears_again(api: Api, dan: User, cleo: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(assigned_to=[dan])
    api(cleo).post(url(ticket, "mute"))
    api(cleo).post(url(ticket, "unmute"))
    with tells((cleo, "comment_added", "creator")):
        tickets.add_comment(actor=dan, ticket_id=ticket.pk, comment="Which browser?")
