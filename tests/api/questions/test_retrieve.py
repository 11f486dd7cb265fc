"""GET /api/questions/{id}/"""

from core.actions import tickets
from core.models import Status, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.questions import NOBODY_ASKED, URL, ask, refused, reply, url
from tests.tickets import Api, queries


def test_it_says_what_each_may_do(api: Api, ada: User, dan: User, cleo: User) -> None:
    question = ask(cleo)
    allowed = {user.username: api(user).get(url(question)).json()["allowed_actions"] for user in (ada, dan, cleo)}
    everything = ["update", "delete", "vote", "answer"]
    assert allowed == {"ada": everything, "dan": ["vote", "answer"], "cleo": ["update", "delete", "answer"]}
    reply(cleo, question)
    assert "delete" in api(cleo).get(url(question)).json()["allowed_actions"]
    reply(dan, question)
    assert api(cleo).get(url(question)).json()["allowed_actions"] == ["update", "answer"]
    assert api(ada).get(url(question)).json()["allowed_actions"] == everything


def test_the_ticket_is_shown_as_long_as_one_sees_it(api: Api, ada: User, dan: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(Status.CLOSED, assigned_to=[dan])
    question = ask(dan, ticket=ticket.pk)
    assert api(dan).get(url(question)).json()["ticket"] == {"id": ticket.pk, "number": ticket.number}
    tickets.delete(actor=ada, ticket_id=ticket.pk)
    assert api(ada).get(url(question)).json()["ticket"] is api(dan).get(url(question)).json()["ticket"] is None


def test_it_is_refused(api: Api, anonymous: ApiClient, cleo: User) -> None:
    question = ask(cleo)
    assert refused(401, anonymous.get, url(question))["code"] == "not_authenticated"
    for key in (NOBODY_ASKED, 10**17):
        assert refused(404, api(cleo).get, f"{URL}{key}/", {"x": "y"})["code"] == "not_found"
    assert refused(400, api(cleo).get, url(question), {"x": "y"}) == {"x": ["Unknown parameter."]}


def test_it_takes_few_queries_however_much_there_is(api: Api, dan: User, cleo: User) -> None:
    client, question = api(dan), ask(cleo, tags=["a"])
    few = queries(lambda: client.get(url(question)))
    for _ in range(3):
        reply(dan, question)
    assert queries(lambda: client.get(url(question))) == few <= 5
