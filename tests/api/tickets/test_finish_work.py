"""POST /api/tickets/{id}/finish_work/"""

import pytest

from core.models import NotificationLog, Status, Ticket, User
from tests.api.tickets.refusals import Refusals
from tests.conftest import MakeTicket
from tests.tickets import ALWAYS, Api, assert_recorded, refused, tells, unchecked, url

LONGEST = "x" * 2_000


class TestRefusals(Refusals):
    action = "finish_work"
    body = {"comment": "Fixed the cache header."}
    who = "dan"
    others = ("ada", "cleo")
    sources = {Status.IN_PROGRESS}


@pytest.fixture
def started(make_ticket: MakeTicket) -> Ticket:
    return make_ticket(Status.IN_PROGRESS)


def test_finishing_tells_the_creator_and_the_admins(
    api: Api, ada: User, dan: User, dora: User, cleo: User, carl: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(Status.IN_PROGRESS, assigned_to=[dan, dora])
    with tells((cleo, "work_finished", "creator"), (ada, "work_finished", "admin")):
        response = api(dan).post(url(ticket, "finish_work"), {"comment": " Fixed the cache header. "})
    assert response.status_code == 200
    assert response.json() == api(dan).get(url(ticket)).json()
    assert (response.json()["status"], response.json()["allowed_actions"]) == ("RESOLVED", ALWAYS)
    row = assert_recorded(
        ticket, dan, "finish_work", "IN_PROGRESS", "RESOLVED", comment="Fixed the cache header.", changes={}
    )
    assert (ticket.resolved_at, ticket.closed_at) == (row.created_at, None)
    assert (
        NotificationLog.objects.filter(event="work_finished", message__endswith="“Fixed the cache header.”").count()
        == 6
    )


def test_an_admin_who_raised_it_is_told_once(api: Api, ada: User, dan: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(Status.IN_PROGRESS, created_by=ada)
    with tells((ada, "work_finished", "creator")):
        assert api(dan).post(url(ticket, "finish_work")).status_code == 200


@pytest.mark.parametrize("body", [{}, {"comment": ""}, {"comment": " \n\t "}], ids=["none", "empty", "blank"])
def test_the_comment_may_be_left_out(api: Api, dan: User, started: Ticket, body: dict[str, str]) -> None:
    assert unchecked(api(dan)).post(url(started, "finish_work"), body).status_code == 200
    assert_recorded(started, dan, "finish_work", "IN_PROGRESS", "RESOLVED", comment="")


@pytest.mark.parametrize("comment", ["five!", f"  {LONGEST} "], ids=len)
def test_comments_of_5_to_2000_characters_are_taken(api: Api, dan: User, started: Ticket, comment: str) -> None:
    assert unchecked(api(dan)).post(url(started, "finish_work"), {"comment": comment}).status_code == 200
    assert_recorded(started, dan, "finish_work", "IN_PROGRESS", "RESOLVED", comment=comment.strip())


@pytest.mark.parametrize("comment", ["four", "  four  ", LONGEST + "x", None, ["fixed it"], {}, True, "null \0 char"])
def test_other_comments_are_refused_by_name(api: Api, dan: User, started: Ticket, comment: object) -> None:
    answer = refused(400, api(dan).post, url(started, "finish_work"), {"comment": comment})
    assert set(answer) == {"comment"}


def test_lone_surrogates_are_refused(api: Api, dan: User, started: Ticket) -> None:
    body = r'{"comment": "\ud800 fixed"}'
    refused(400, api(dan).post, url(started, "finish_work"), body, content_type="application/json")
