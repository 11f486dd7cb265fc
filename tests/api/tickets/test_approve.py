"""POST /api/tickets/{id}/approve/"""

import pytest

from core.models import Role, Status, User
from tests.api.tickets.refusals import Refusals
from tests.conftest import MakeTicket
from tests.tickets import ALWAYS, Api, assert_recorded, newcomers, tells, url


class TestRefusals(Refusals):
    action = "approve"
    who = "cleo"
    others = ("ada", "dan")
    sources = {Status.RESOLVED}


def test_approving_tells_admins_and_assignees(
    api: Api, ada: User, dan: User, dora: User, cleo: User, carl: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(Status.RESOLVED, assigned_to=[dan, dora])
    (other,) = newcomers(Role.ADMIN, 1)
    expected = [(ada, "admin"), (other, "admin"), (dan, "assigned"), (dora, "assigned")]
    with tells(*((user, "ticket_approved", reason) for user, reason in expected)):
        response = api(cleo).post(url(ticket, "approve"))
    assert response.status_code == 200
    assert response.json() == api(cleo).get(url(ticket)).json()
    assert (response.json()["status"], response.json()["allowed_actions"]) == ("CLOSED", ["reopen", *ALWAYS])
    resolved = ticket.resolved_at
    row = assert_recorded(ticket, cleo, "approve", "RESOLVED", "CLOSED", changes={}, comment="")
    assert (ticket.closed_at, ticket.resolved_at) == (row.created_at, resolved)


def test_an_admin_approves_what_it_raised_itself_and_is_not_told(
    api: Api, ada: User, dan: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(Status.RESOLVED, created_by=ada)
    with tells((dan, "ticket_approved", "assigned")):
        assert api(ada).post(url(ticket, "approve")).status_code == 200


@pytest.mark.parametrize("who", ["ada", "dan"])
def test_nobody_deactivated_is_told(
    api: Api, ada: User, dan: User, cleo: User, make_ticket: MakeTicket, who: str
) -> None:
    ticket = make_ticket(Status.RESOLVED)
    User.objects.filter(username=who).update(is_active=False)
    left = {"ada": (dan, "ticket_approved", "assigned"), "dan": (ada, "ticket_approved", "admin")}[who]
    with tells(left):
        assert api(cleo).post(url(ticket, "approve")).status_code == 200


def test_a_developer_who_became_a_client_sees_it_no_more_and_is_not_told(
    api: Api, ada: User, dan: User, cleo: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(Status.RESOLVED)
    User.objects.filter(pk=dan.pk).update(role="CLIENT")
    with tells((ada, "ticket_approved", "admin")):
        assert api(cleo).post(url(ticket, "approve")).status_code == 200
