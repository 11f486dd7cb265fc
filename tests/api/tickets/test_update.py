"""PATCH /api/tickets/{id}/"""

from typing import Any

import pytest

from core.models import Status, Ticket, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import ALWAYS, NOBODY_SEES, WRONG_WORDS, Api, assert_recorded, in_status, refused, tells, url

DUE = ("response_due_at", "resolution_due_at")
NOT_HERE = ["This field cannot be changed here."]
CHANGES: dict[str, Any] = {
    "title": "Checkout blank in Firefox",
    "description": "Only in Firefox.",
    "project_name": "Shop",
    "category": "BUG",
    "priority": "CRITICAL",
    "tags": ["checkout", "firefox"],
}


@pytest.mark.parametrize("who", ["ada", "cleo"])
def test_admin_and_creator_correct_a_new_ticket_and_nobody_is_told(
    api: Api, ada: User, dan: User, new_ticket: Ticket, who: str
) -> None:
    user = User.objects.get(username=who)
    before = api(user).get(url(new_ticket)).json()
    with tells():
        response = api(user).patch(url(new_ticket), CHANGES)
    assert response.status_code == 200
    answer = response.json()
    due = {name: answer[name] for name in DUE}
    assert answer == before | CHANGES | {
        "category_display": "Bug",
        "priority_display": "Critical",
        "version": 2,
        "updated_at": answer["updated_at"],
        "sla": {"response": "ok", "resolution": "ok"},
        **due,
    }
    changes = {name: [before[name], value] for name, value in (CHANGES | due).items()}
    assert_recorded(new_ticket, user, "update", "NEW", "NEW", changes=changes, comment="")


@pytest.mark.parametrize("status", [Status.OPEN, Status.IN_PROGRESS, Status.ON_HOLD, Status.RESOLVED])
def test_an_admin_corrects_it_later_too(
    api: Api, ada: User, dan: User, make_ticket: MakeTicket, status: Status
) -> None:
    ticket = in_status(make_ticket, status, dan)
    assert api(ada).patch(url(ticket), {"priority": "LOW"}).json()["priority"] == "LOW"
    row = assert_recorded(ticket, ada, "update", status, status)
    moved = set() if status == Status.RESOLVED else {"resolution_due_at"}
    assert set(row.changes) - {"response_due_at"} == {"priority"} | moved
    assert row.changes["priority"] == ["MEDIUM", "LOW"]


def test_what_is_left_out_stays(api: Api, cleo: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(**CHANGES)
    assert (
        api(cleo).patch(url(ticket), {"title": "Other"}).json() | CHANGES | {"title": "Other"}
        == api(cleo).get(url(ticket)).json()
    )


def test_tags_are_replaced_and_can_be_emptied(api: Api, cleo: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(tags=["a", "b"])
    assert api(cleo).patch(url(ticket), {"tags": ["C", "b"]}).json()["tags"] == ["b", "c"]
    assert_recorded(ticket, cleo, "update", "NEW", "NEW", changes={"tags": [["a", "b"], ["b", "c"]]})
    assert api(cleo).patch(url(ticket), {"tags": [], "project_name": ""}).json()["tags"] == []


@pytest.mark.parametrize("body", [{}, CHANGES, {"title": f" {CHANGES['title']} "}, {"tags": ["Firefox", "checkout"]}])
def test_saying_what_it_says_already_records_nothing(
    api: Api, cleo: User, make_ticket: MakeTicket, body: dict[str, Any]
) -> None:
    ticket = make_ticket(**CHANGES)
    before = api(cleo).get(url(ticket)).json()
    assert refused(200, api(cleo).patch, url(ticket), body) == before


def test_nobody_corrects_it_without_signing_in(anonymous: ApiClient, new_ticket: Ticket) -> None:
    for key in (new_ticket.pk, NOBODY_SEES):
        assert refused(401, anonymous.patch, url(key), {"nonsense": 1})["code"] == "not_authenticated"


def test_what_one_cannot_see_is_not_there(api: Api, dan: User, carl: User, new_ticket: Ticket) -> None:
    for user in (dan, carl):
        for key in (new_ticket.pk, NOBODY_SEES):
            assert refused(404, api(user).patch, url(key), {"nonsense": 1})["code"] == "not_found"


@pytest.mark.parametrize("status", Status)
def test_the_developer_may_not_ever_and_the_creator_not_after_it_was_opened(
    api: Api, dan: User, cleo: User, make_ticket: MakeTicket, status: Status
) -> None:
    ticket = in_status(make_ticket, status, dan)
    for user in [dan] if status == Status.NEW else [dan, cleo]:
        for body in (CHANGES, {"nonsense": 1}, {}):
            assert refused(403, api(user).patch, url(ticket), body)["code"] == "permission_denied"


@pytest.mark.parametrize("status", [Status.CLOSED, Status.CANCELLED])
def test_what_is_over_stays_as_it_is(api: Api, ada: User, dan: User, make_ticket: MakeTicket, status: Status) -> None:
    ticket = in_status(make_ticket, status, dan)
    for body in (CHANGES, {}):
        answer = refused(409, api(ada).patch, url(ticket), body)
        allowed = ["reopen", *ALWAYS] if status == Status.CLOSED else ALWAYS
        assert answer.pop("detail") == f"Cannot edit a ticket that is {status.value}."
        assert answer == {"code": "invalid_transition", "status": status, "allowed_actions": allowed}
    assert set(refused(400, api(ada).patch, url(ticket), {"nonsense": 1})) == {"nonsense"}


@pytest.mark.parametrize(
    "field",
    [
        *("id", "number", "status", "assigned_to", "created_by", "version", "created_at", "updated_at"),
        *("response_due_at", "first_responded_at", "resolution_due_at", "estimated_resolution_time"),
        *("opened_at", "started_at", "resolved_at", "closed_at", "sla", "allowed_actions", "nonsense"),
    ],
)
def test_what_is_not_to_be_written_is_refused_by_name(
    api: Api, ada: User, cleo: User, new_ticket: Ticket, field: str
) -> None:
    for user in (ada, cleo):
        body = {"title": "Changed", field: api(user).get(url(new_ticket)).json().get(field)}
        assert refused(400, api(user).patch, url(new_ticket), body) == {field: NOT_HERE}


@pytest.mark.parametrize(("field", "wrong"), WRONG_WORDS)
def test_what_does_not_fit_is_refused_by_name(
    api: Api, cleo: User, new_ticket: Ticket, field: str, wrong: object
) -> None:
    body = {"title": "Changed", "tags": ["changed"]} | {field: wrong}
    assert set(refused(400, api(cleo).patch, url(new_ticket), body)) == {field}


@pytest.mark.parametrize("body", ["[]", "null", "{", r'{"title": "\ud800"}', r'{"\ud800": 1}'])
def test_absurd_bodies_are_refused(api: Api, cleo: User, new_ticket: Ticket, body: str) -> None:
    refused(400, api(cleo).patch, url(new_ticket), body, content_type="application/json")


def test_a_stale_version_is_refused_before_a_wrong_state(
    api: Api, ada: User, cleo: User, dan: User, make_ticket: MakeTicket
) -> None:
    for status in (Status.OPEN, Status.CLOSED):
        ticket = in_status(make_ticket, status, dan)
        stale = {"If-Match": '"999"'}
        answer = refused(412, api(ada).patch, url(ticket), CHANGES, headers=stale)
        assert (answer["code"], answer["version"]) == ("version_mismatch", ticket.version)
        assert refused(403, api(cleo).patch, url(ticket), CHANGES, headers=stale)
        assert refused(400, api(ada).patch, url(ticket), {"nonsense": 1}, headers=stale)


def test_only_json_is_read(api: Api, cleo: User, new_ticket: Ticket) -> None:
    assert refused(415, api(cleo).patch, url(new_ticket), "title=x", content_type="text/plain")


def test_a_ticket_is_not_replaced(api: Api, ada: User, new_ticket: Ticket) -> None:
    for call in (api(ada).put, api(ada).post):
        assert refused(405, call, url(new_ticket))["code"] == "method_not_allowed"
