"""GET /api/tickets/{id}/history/"""

import pytest

from core.actions import tickets
from core.models import Status, Ticket, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import NOBODY_SEES, Api, queries, refused, url

LIFE = [
    ("create", "cleo", "", "NEW"),
    ("assign", "ada", "NEW", "OPEN"),
    ("start_work", "dan", "OPEN", "IN_PROGRESS"),
    ("finish_work", "dan", "IN_PROGRESS", "RESOLVED"),
    ("approve", "cleo", "RESOLVED", "CLOSED"),
]


@pytest.mark.parametrize("who", ["ada", "dan", "cleo"])
def test_it_has_one_row_per_action_oldest_first(api: Api, ada: User, make_ticket: MakeTicket, who: str) -> None:
    ticket = make_ticket(Status.CLOSED)
    make_ticket(Status.CLOSED)  # another's is not in it
    page = api(User.objects.get(username=who)).get(url(ticket, "history")).json()
    rows = page["results"]
    told = [(row["action"], row["actor"]["username"], row["from_status"], row["to_status"]) for row in rows]
    assert told == LIFE
    assert [row["version"] for row in rows] == [1, 2, 3, 4, 5]
    assert page["count"] == 5


def test_it_says_what_was_written_and_what_changed(
    api: Api, ada: User, dan: User, cleo: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(Status.RESOLVED)
    tickets.reject(actor=cleo, ticket_id=ticket.pk, comment="Still blank in Firefox.")
    tickets.update(actor=ada, ticket_id=ticket.pk, priority="HIGH")
    rows = api(cleo).get(url(ticket, "history")).json()["results"]
    assert rows[1]["changes"] == {"assigned_to": [[], [dan.pk]]}
    assert (rows[4]["action"], rows[4]["comment"]) == ("reject", "Still blank in Firefox.")
    assert (rows[5]["action"], rows[5]["changes"]["priority"]) == ("update", ["MEDIUM", "HIGH"])
    assert [*rows[5]["changes"]] == ["priority", "resolution_due_at"]


def test_it_comes_in_pages(api: Api, cleo: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(Status.CLOSED)
    page = api(cleo).get(url(ticket, "history") + "?page_size=2&page=3").json()
    assert ([row["action"] for row in page["results"]], page["next"]) == (["approve"], None)
    assert set(refused(400, api(cleo).get, url(ticket, "history") + "?page_size=0")) == {"page_size"}
    refused(404, api(cleo).get, url(ticket, "history") + "?page=6")


def test_parameters_that_it_does_not_know_are_refused(api: Api, ada: User, new_ticket: Ticket) -> None:
    answer = refused(400, api(ada).get, url(new_ticket, "history") + "?page=1&author=1&x=")
    assert answer == {"author": ["Unknown parameter."], "x": ["Unknown parameter."]}


def test_nobody_reads_it_without_signing_in(anonymous: ApiClient, new_ticket: Ticket) -> None:
    for key in (new_ticket.pk, NOBODY_SEES):
        assert refused(401, anonymous.get, url(key, "history"))["code"] == "not_authenticated"


def test_what_one_cannot_see_is_not_there(api: Api, dan: User, carl: User, new_ticket: Ticket) -> None:
    for user in (dan, carl):
        for key in (new_ticket.pk, NOBODY_SEES):
            assert refused(404, api(user).get, url(key, "history"))["code"] == "not_found"


def test_it_takes_as_many_queries_for_many_rows_as_for_one(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    new, closed = make_ticket(), make_ticket(Status.CLOSED)
    client = api(ada)
    assert queries(lambda: client.get(url(new, "history"))) == queries(lambda: client.get(url(closed, "history")))


def test_it_is_only_read(api: Api, ada: User, new_ticket: Ticket) -> None:
    for call in (api(ada).post, api(ada).put, api(ada).patch, api(ada).delete):
        assert refused(405, call, url(new_ticket, "history"))["code"] == "method_not_allowed"
