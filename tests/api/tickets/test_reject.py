"""POST /api/tickets/{id}/reject/"""

import pytest

from core.models import NotificationLog, Status, Ticket, User
from tests.api.tickets.refusals import Refusals
from tests.conftest import MakeTicket
from tests.tickets import ALWAYS, REQUIRED, Api, assert_recorded, refused, tells, unchecked, url

REASON = "Still blank in Firefox."
LONGEST = "x" * 2_000


class TestRefusals(Refusals):
    action = "reject"
    body = {"comment": REASON}
    who = "cleo"
    others = ("ada", "dan")
    sources = {Status.RESOLVED}


@pytest.fixture
def resolved(make_ticket: MakeTicket) -> Ticket:
    return make_ticket(Status.RESOLVED)


def test_rejecting_tells_admins_and_assignees_why(
    api: Api, ada: User, dan: User, dora: User, cleo: User, carl: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(Status.RESOLVED, assigned_to=[dan, dora])
    expected = [(ada, "admin"), (dan, "assigned"), (dora, "assigned")]
    with tells(*((user, "ticket_rejected", reason) for user, reason in expected)):
        response = api(cleo).post(url(ticket, "reject"), {"comment": f" {REASON} "})
    assert response.status_code == 200
    assert response.json() == api(cleo).get(url(ticket)).json()
    assert (response.json()["status"], response.json()["allowed_actions"]) == ("IN_PROGRESS", ALWAYS)
    started = ticket.started_at
    assert_recorded(ticket, cleo, "reject", "RESOLVED", "IN_PROGRESS", changes={}, comment=REASON)
    assert (ticket.resolved_at, ticket.closed_at, ticket.started_at) == (None, None, started)
    told = NotificationLog.objects.filter(event="ticket_rejected", message__endswith=f"“{REASON}”")
    assert told.count() == 9


def test_the_work_can_be_finished_again(api: Api, dan: User, cleo: User, resolved: Ticket) -> None:
    first = resolved.resolved_at
    assert first is not None
    assert api(cleo).post(url(resolved, "reject"), {"comment": REASON}).status_code == 200
    assert api(dan).post(url(resolved, "finish_work")).status_code == 200
    resolved.refresh_from_db()
    assert resolved.resolved_at is not None
    assert resolved.resolved_at > first


@pytest.mark.parametrize("comment", ["ten chars!", f" {LONGEST} "], ids=len)
def test_reasons_of_10_to_2000_characters_are_taken(api: Api, cleo: User, resolved: Ticket, comment: str) -> None:
    assert unchecked(api(cleo)).post(url(resolved, "reject"), {"comment": comment}).status_code == 200
    assert_recorded(resolved, cleo, "reject", "RESOLVED", "IN_PROGRESS", comment=comment.strip())


@pytest.mark.parametrize(
    "comment", ["nine char", " nine char ", LONGEST + "x", "", " " * 20, None, ["x" * 20], "\0" * 20]
)
def test_other_reasons_are_refused_by_name(api: Api, cleo: User, resolved: Ticket, comment: object) -> None:
    assert set(refused(400, api(cleo).post, url(resolved, "reject"), {"comment": comment})) == {"comment"}


def test_a_reason_is_required(api: Api, cleo: User, resolved: Ticket) -> None:
    assert refused(400, api(cleo).post, url(resolved, "reject")) == {"comment": REQUIRED}
    assert refused(400, api(cleo).post, url(resolved, "reject"), {}) == {"comment": REQUIRED}
