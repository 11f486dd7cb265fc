"""GET /api/tickets/{id}/comments/"""

import pytest

from core.actions import tickets
from core.models import Ticket, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import NOBODY_SEES, Api, queries, refused, url


@pytest.fixture
def talked_about(make_ticket: MakeTicket, ada: User, dan: User, cleo: User) -> Ticket:
    """Ada, Dan and Cleo have each said who they are."""
    ticket, other = make_ticket(assigned_to=[dan]), make_ticket()
    for user in (ada, dan, cleo):
        tickets.add_comment(actor=user, ticket_id=ticket.pk, comment=f"This is {user.username}.")
    tickets.add_comment(actor=ada, ticket_id=other.pk, comment="Elsewhere.")
    return ticket


@pytest.mark.parametrize("who", ["ada", "dan", "cleo"])
def test_it_has_what_was_said_oldest_first(api: Api, talked_about: Ticket, who: str) -> None:
    page = api(User.objects.get(username=who)).get(url(talked_about, "comments")).json()
    said = [(row["author"]["username"], row["comment"]) for row in page["results"]]
    assert said == [(name, f"This is {name}.") for name in ("ada", "dan", "cleo")]
    assert (page["count"], page["next"], page["previous"]) == (3, None, None)


def test_it_comes_in_pages(api: Api, cleo: User, talked_about: Ticket) -> None:
    page = api(cleo).get(url(talked_about, "comments") + "?page_size=2&page=2").json()
    assert ([row["comment"] for row in page["results"]], page["next"]) == (["This is cleo."], None)
    assert set(refused(400, api(cleo).get, url(talked_about, "comments") + "?page_size=x")) == {"page_size"}
    refused(404, api(cleo).get, url(talked_about, "comments") + "?page=2")


def test_parameters_that_it_does_not_know_are_refused(api: Api, ada: User, new_ticket: Ticket) -> None:
    answer = refused(400, api(ada).get, url(new_ticket, "comments") + "?page=1&author=1&x=")
    assert answer == {"author": ["Unknown parameter."], "x": ["Unknown parameter."]}


def test_nobody_reads_it_without_signing_in(anonymous: ApiClient, new_ticket: Ticket) -> None:
    for key in (new_ticket.pk, NOBODY_SEES):
        assert refused(401, anonymous.get, url(key, "comments"))["code"] == "not_authenticated"


def test_what_one_cannot_see_is_not_there(api: Api, dora: User, carl: User, talked_about: Ticket) -> None:
    for user in (dora, carl):
        for key in (talked_about.pk, NOBODY_SEES):
            assert refused(404, api(user).get, url(key, "comments"))["code"] == "not_found"


def test_it_takes_as_many_queries_for_many_as_for_one(api: Api, ada: User, talked_about: Ticket) -> None:
    client = api(ada)
    other = Ticket.objects.exclude(pk=talked_about.pk).get()
    assert queries(lambda: client.get(url(other, "comments"))) == queries(
        lambda: client.get(url(talked_about, "comments"))
    )


def test_it_is_only_read(api: Api, ada: User, new_ticket: Ticket) -> None:
    for call in (api(ada).post, api(ada).put, api(ada).patch, api(ada).delete):
        assert refused(405, call, url(new_ticket, "comments"))["code"] == "method_not_allowed"
