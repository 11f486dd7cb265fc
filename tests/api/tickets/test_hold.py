"""POST /api/tickets/{id}/hold/"""

import pytest

from core.models import Status, User
from tests.api.tickets.refusals import Refusals
from tests.conftest import MakeTicket
from tests.tickets import ALWAYS, REQUIRED, Api, assert_recorded, refused, tells, unchecked, url

WHY = "Waiting for the vendor."


class TestRefusals(Refusals):
    action = "hold"
    body = {"comment": WHY}
    who = "dan"
    others = ("cleo",)
    sources = {Status.OPEN, Status.IN_PROGRESS}


@pytest.mark.parametrize("status", [Status.OPEN, Status.IN_PROGRESS])
def test_the_clocks_stand_and_creator_and_the_others_on_it_are_told_why(
    api: Api, ada: User, dan: User, dora: User, cleo: User, make_ticket: MakeTicket, status: Status
) -> None:
    ticket = make_ticket(status, assigned_to=[dan, dora])
    with tells((cleo, "ticket_on_hold", "creator"), (dora, "ticket_on_hold", "assigned")):
        response = api(dan).post(url(ticket, "hold"), {"comment": f" {WHY} "})
    assert response.status_code == 200
    answer = response.json()
    assert answer == api(dan).get(url(ticket)).json()
    assert (answer["status"], answer["allowed_actions"]) == ("ON_HOLD", ["start_work", "resume", *ALWAYS])
    row = assert_recorded(ticket, dan, "hold", status, "ON_HOLD", comment=WHY)
    assert ticket.paused_at == row.created_at


def test_an_admin_may_too(api: Api, ada: User, dan: User, cleo: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(assigned_to=[dan])
    with tells((cleo, "ticket_on_hold", "creator"), (dan, "ticket_on_hold", "assigned")):
        assert api(ada).post(url(ticket, "hold"), {"comment": WHY}).status_code == 200


@pytest.mark.parametrize("action", ["hold", "cancel"])
def test_reasons_have_5_to_2000_characters(api: Api, ada: User, make_ticket: MakeTicket, action: str) -> None:
    client = api(ada)
    ticket = make_ticket(Status.OPEN)
    for wrong in ("four", " four ", "x" * 2_001, "", None, ["reason"], "reas\0n"):
        assert set(refused(400, client.post, url(ticket, action), {"comment": wrong})) == {"comment"}
    assert refused(400, client.post, url(ticket, action), {}) == {"comment": REQUIRED}
    for fits in (" five! ", "x" * 2_000):
        answer = unchecked(client).post(url(make_ticket(Status.OPEN), action), {"comment": fits}, format="json")
        assert answer.status_code == 200
