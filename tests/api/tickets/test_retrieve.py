"""GET /api/tickets/{id}/"""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from core.models import Role, Status, Ticket, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import ALWAYS, NOBODY_SEES, Api, in_status, newcomers, queries, refused, url

ALLOWED = {  # besides ALWAYS
    "ada": {
        Status.NEW: ["open_ticket", "assign", "cancel"],
        Status.OPEN: ["assign", "hold", "cancel"],
        Status.IN_PROGRESS: ["assign", "hold", "cancel"],
        Status.ON_HOLD: ["assign", "resume", "cancel"],
        Status.RESOLVED: ["assign", "cancel"],
        Status.CLOSED: ["reopen"],
    },
    "dan": {
        Status.OPEN: ["start_work", "hold"],
        Status.IN_PROGRESS: ["finish_work", "hold"],
        Status.ON_HOLD: ["start_work", "resume"],
    },
    "cleo": {
        Status.NEW: ["cancel"],
        Status.RESOLVED: ["approve", "reject"],
        Status.CLOSED: ["reopen"],
    },
}


def shown(user: User) -> dict[str, object]:
    return {"id": user.pk, "username": user.username, "full_name": user.full_name}


def test_a_ticket_says_all_there_is(api: Api, dan: User, dora: User, cleo: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(Status.RESOLVED, assigned_to=[dora, dan], tags=["b", "a"], category="BUG", priority="HIGH")
    answer = api(cleo).get(url(ticket)).json()
    expected = {
        "id": ticket.pk,
        "number": f"INC-{ticket.pk:06d}",
        "title": "Checkout shows a blank page",
        "description": "Since this morning.",
        "project_name": "",
        "category": "BUG",
        "category_display": "Bug",
        "priority": "HIGH",
        "priority_display": "High",
        "status": "RESOLVED",
        "status_display": "Resolved",
        "created_by": shown(cleo),
        "assigned_to": [shown(dora), shown(dan)],  # as assigned
        "tags": ["a", "b"],
        "watchers_count": 0,
        "is_watching": False,
        "is_muted": False,
        "sla": {"response": "met", "resolution": "met"},
        "version": 4,
        "allowed_actions": ["approve", "reject", *ALWAYS],
    }
    times = {name for name in answer if name.endswith(("_at", "_time"))}
    assert {name: value for name, value in answer.items() if name not in times} == expected
    empty = {"estimated_resolution_time", "closed_at"}
    assert {name for name in times if answer[name] is None} == empty
    life = [answer[name] for name in ("created_at", "opened_at", "started_at", "resolved_at", "updated_at")]
    assert life == sorted(life)


@pytest.mark.parametrize("who", ["ada", "dan", "cleo"])
def test_everyone_who_sees_it_is_told_what_one_may_do_now(
    api: Api, ada: User, dan: User, make_ticket: MakeTicket, who: str
) -> None:
    client = api(User.objects.get(username=who))
    for status in Status:
        answer = client.get(url(in_status(make_ticket, status, dan))).json()
        assert answer["status"] == status
        assert answer["allowed_actions"] == [*ALLOWED[who].get(status, []), *ALWAYS]


def test_an_admin_who_raised_it_may_do_both_parts(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(Status.RESOLVED, created_by=ada)
    allowed = ["assign", "approve", "reject", "cancel", *ALWAYS]
    assert api(ada).get(url(ticket)).json()["allowed_actions"] == allowed


@pytest.mark.parametrize(("hours", "state"), [(-1, "breached"), (0.5, "due_soon"), (24, "ok"), (None, "ok")], ids=str)
def test_it_says_how_its_promises_stand(
    api: Api, ada: User, new_ticket: Ticket, hours: float | None, state: str
) -> None:
    due = None if hours is None else now() + timedelta(hours=hours)
    Ticket.objects.update(resolution_due_at=due, response_due_at=due)
    assert api(ada).get(url(new_ticket)).json()["sla"] == {"response": state, "resolution": state}


def test_it_takes_no_parameters(api: Api, ada: User, new_ticket: Ticket) -> None:
    assert refused(400, api(ada).get, url(new_ticket) + "?status=NEW") == {"status": ["Unknown parameter."]}


def test_nobody_sees_it_without_signing_in(anonymous: ApiClient, new_ticket: Ticket) -> None:
    for key in (new_ticket.pk, NOBODY_SEES):
        assert refused(401, anonymous.get, url(key))["code"] == "not_authenticated"


def test_what_one_cannot_see_looks_like_what_is_not_there(
    api: Api, dan: User, dora: User, carl: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    assert api(dan).get(url(ticket)).status_code == 200
    for user in (dora, carl):
        for query in ("", "?x=1"):
            hidden = refused(404, api(user).get, url(ticket) + query)
            assert hidden == refused(404, api(user).get, url(NOBODY_SEES) + query)


def test_a_developer_who_raised_it_as_a_client_sees_it_no_more(api: Api, cleo: User, new_ticket: Ticket) -> None:
    User.objects.filter(pk=cleo.pk).update(role=Role.DEVELOPER)
    refused(404, api(User.objects.get(pk=cleo.pk)).get, url(new_ticket))


@pytest.mark.parametrize("key", ["0", "9" * 18, "9" * 19, "9" * 500, "-1", "x", "1.0", "%00", "1%2F", "²"])
def test_absurd_ids_are_not_found(api: Api, ada: User, new_ticket: Ticket, key: str) -> None:
    for what in ("", "history/", "comments/"):
        assert refused(404, api(ada).get, f"/api/tickets/{key}/{what}")["code"] == "not_found"
    for action in ("open_ticket", "assign", "add_comment"):
        assert refused(404, api(ada).post, f"/api/tickets/{key}/{action}/", {})["code"] == "not_found"


def test_it_takes_as_many_queries_for_a_large_team_as_for_one(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    one, many = make_ticket(tags=["a"]), make_ticket(assigned_to=newcomers(Role.DEVELOPER, 20), tags=list("abcdef"))
    client = api(ada)
    assert queries(lambda: client.get(url(one))) == queries(lambda: client.get(url(many)))
