"""POST /api/conversations/"""

import pytest

from core.models import Conversation, Status, Ticket, User
from tests.conftest import MakeTicket
from tests.conversations import URL, refused, unread
from tests.openapi import ApiClient
from tests.tickets import NOBODY_SEES, NOT_ACCEPTED, Api, queries

ONE_OF_THEM = ["Give members or ticket, and not both."]
NOT_A_PERSON = {"members": ["There is no active person with this id."]}
NOT_A_TICKET = {"ticket": ["You see no ticket with this id."]}


def test_two_people_have_one_conversation_whoever_opens_it(api: Api, ada: User, cleo: User) -> None:
    opened = api(cleo).post(URL, {"members": [ada.pk]})
    assert opened.status_code == 201
    found = opened.json()
    assert found.pop("created_at").endswith("Z")
    people = [{"id": one.pk, "username": one.username, "full_name": one.full_name} for one in (ada, cleo)]
    assert found == {
        "id": found["id"],
        "url": f"{URL}{found['id']}/",
        "person": people[0],
        "ticket": None,
        "last_message": None,
        "unread": 0,
        "last_message_at": None,
        "members": [person | {"read_up_to": 0} for person in people],
    }
    for who, other in ((cleo, ada), (ada, cleo)):
        again = api(who).post(URL, {"members": [other.pk]})
        assert (again.status_code, again.json()["id"], again.json()["person"]["id"]) == (200, found["id"], other.pk)
    assert Conversation.objects.count() == 1
    assert unread(ada) == 0


def test_whoever_sees_a_ticket_opens_its_room(api: Api, make_ticket: MakeTicket, dan: User, cleo: User) -> None:
    ticket = make_ticket(Status.CLOSED)
    opened = api(dan).post(URL, {"ticket": ticket.pk})
    assert opened.status_code == 201
    found = opened.json()
    assert found["person"] is None
    assert found["ticket"] == {
        "id": ticket.pk,
        "number": ticket.number,
        "title": ticket.title,
        "status": "CLOSED",
        "status_display": "Closed",
        "priority": "MEDIUM",
    }
    assert [member["username"] for member in found["members"]] == ["ada", "cleo", "dan"]
    again = api(cleo).post(URL, {"ticket": ticket.pk})
    assert (again.status_code, again.json()) == (200, found)


def test_of_members_and_ticket_exactly_one_is_given(api: Api, cleo: User, ada: User, new_ticket: Ticket) -> None:
    both = {"members": ONE_OF_THEM, "ticket": ONE_OF_THEM}
    for body in ({}, {"members": [ada.pk], "ticket": new_ticket.pk}):
        assert refused(400, api(cleo).post, URL, body) == both
    assert refused(400, api(cleo).post, URL, {"ticket": new_ticket.pk, "title": "x"}) == {"title": NOT_ACCEPTED}


@pytest.mark.parametrize("wrong", [None, "1", {}, [], [None], ["x"], [0], [2**63], [[1]], [1, 2]], ids=str)
def test_what_names_nobody_is_refused(api: Api, cleo: User, wrong: object) -> None:
    assert set(refused(400, api(cleo).post, URL, {"members": wrong})) == {"members"}


@pytest.mark.parametrize("wrong", [None, "x", {}, [1], 0, 2**63], ids=str)
def test_what_names_no_ticket_is_refused(api: Api, cleo: User, wrong: object) -> None:
    assert set(refused(400, api(cleo).post, URL, {"ticket": wrong})) == {"ticket"}


def test_the_other_is_an_active_person(api: Api, cleo: User, dan: User) -> None:
    client = api(cleo)
    client.post(URL, {"members": [dan.pk]})
    User.objects.filter(pk=dan.pk).update(is_active=False)
    for nobody in (dan.pk, NOBODY_SEES):
        assert refused(400, client.post, URL, {"members": [nobody]}) == NOT_A_PERSON
    myself = refused(400, client.post, URL, {"members": [cleo.pk]})
    assert myself == {"members": ["Name the other person, not yourself."]}


def test_a_ticket_that_one_does_not_see_has_no_room(
    api: Api, carl: User, dora: User, ada: User, new_ticket: Ticket
) -> None:
    api(ada).post(URL, {"ticket": new_ticket.pk})
    for user in (carl, dora):
        for key in (new_ticket.pk, NOBODY_SEES):
            assert refused(400, api(user).post, URL, {"ticket": key}) == NOT_A_TICKET
    Ticket.objects.filter(pk=new_ticket.pk).update(deleted_at=new_ticket.created_at)
    assert refused(400, api(ada).post, URL, {"ticket": new_ticket.pk}) == NOT_A_TICKET


def test_sent_again_with_its_key_it_is_answered_as_the_first_time(api: Api, cleo: User, ada: User) -> None:
    client = api(cleo)
    answers = [client.post(URL, {"members": [ada.pk]}, HTTP_IDEMPOTENCY_KEY="once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["Idempotency-Replayed"] == "true"


def test_nobody_opens_one_without_signing_in(anonymous: ApiClient, ada: User) -> None:
    assert refused(401, anonymous.post, URL, {"members": [ada.pk]})["code"] == "not_authenticated"
    assert refused(401, anonymous.post, URL, {})["code"] == "not_authenticated"


def test_it_takes_as_many_queries_among_many_as_among_few(
    api: Api, cleo: User, dan: User, make_ticket: MakeTicket
) -> None:
    client, few, many = api(cleo), make_ticket(), make_ticket(assigned_to=[dan])
    assert queries(lambda: client.post(URL, {"ticket": few.pk})) == queries(
        lambda: client.post(URL, {"ticket": many.pk})
    )
