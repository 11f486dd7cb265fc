"""POST /api/tickets/{id}/reopen/"""

from datetime import timedelta

import pytest
from django.db.models import F

from core.models import Status, Ticket, User
from tests.api.tickets.refusals import Refusals
from tests.conftest import MakeTicket
from tests.tickets import REQUIRED, Api, assert_recorded, refused, tells, url

WHY = "Blank again since the update."


class TestRefusals(Refusals):
    action = "reopen"
    body = {"comment": WHY}
    who = "cleo"
    others = ("dan",)
    sources = {Status.CLOSED}


@pytest.mark.parametrize("who", ["ada", "cleo"])
def test_it_is_open_again_with_the_same_people_who_are_told_why(
    api: Api, ada: User, dan: User, cleo: User, make_ticket: MakeTicket, who: str
) -> None:
    ticket = make_ticket(Status.CLOSED)
    actor = User.objects.get(username=who)
    told = [(ada, "admin")] if actor == cleo else []
    with tells(*((user, "ticket_reopened", reason) for user, reason in [*told, (dan, "assigned")])):
        response = api(actor).post(url(ticket, "reopen"), {"comment": WHY})
    assert response.status_code == 200
    answer = response.json()
    assert answer == api(actor).get(url(ticket)).json()
    assert (answer["status"], answer["resolved_at"], answer["closed_at"]) == ("OPEN", None, None)
    assert [person["username"] for person in answer["assigned_to"]] == ["dan"]
    assert_recorded(ticket, actor, "reopen", "CLOSED", "OPEN", comment=WHY)


def test_after_14_days_it_stays_closed(api: Api, cleo: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(Status.CLOSED)
    Ticket.objects.update(closed_at=F("closed_at") - timedelta(days=14))
    answer = refused(409, api(cleo).post, url(ticket, "reopen"), {"comment": WHY})
    assert answer["detail"] == "Cannot reopen a ticket that was closed more than 14 days ago."
    assert answer["code"] == "invalid_transition"
    assert answer["allowed_actions"] == api(cleo).get(url(ticket)).json()["allowed_actions"]
    assert "reopen" not in answer["allowed_actions"]


def test_a_reason_is_required(api: Api, cleo: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(Status.CLOSED)
    assert refused(400, api(cleo).post, url(ticket, "reopen"), {}) == {"comment": REQUIRED}
    assert set(refused(400, api(cleo).post, url(ticket, "reopen"), {"comment": " four "})) == {"comment"}
