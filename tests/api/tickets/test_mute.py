"""POST /api/tickets/{id}/mute/"""

from core.actions import tickets
from core.models import User
from tests.api.tickets.follow_refusals import FollowRefusals
from tests.conftest import MakeTicket
from tests.tickets import Api, tells, url


class TestRefusals(FollowRefusals):
    action = "mute"


def test_one_hears_only_when_assigned_or_mentioned(
    api: Api, ada: User, dan: User, dora: User, cleo: User, make_ticket: MakeTicket
) -> None:
    ticket, other = make_ticket(assigned_to=[dan]), make_ticket(assigned_to=[dan])
    for user in (dan, cleo, ada):
        api(user).post(url(ticket, "mute"))
    with tells((dora, "ticket_assigned", "assigned")):  # that he is off Dan does not hear
        tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dora.pk])
    with tells((dan, "ticket_assigned", "assigned")):
        tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk, dora.pk])
    with tells():
        tickets.start_work(actor=dora, ticket_id=ticket.pk)
    with tells((dan, "mentioned", "mentioned")):
        tickets.add_comment(actor=dora, ticket_id=ticket.pk, comment="@dan, which browser?")
    with tells((cleo, "comment_added", "creator")):  # of others one hears all
        tickets.add_comment(actor=dan, ticket_id=other.pk, comment="Which browser?")
