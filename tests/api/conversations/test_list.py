"""GET /api/conversations/"""

import pytest

from core.models import Role, Ticket, User
from tests.conftest import MakeTicket
from tests.conversations import URL, direct, refused, room_of, say
from tests.openapi import ApiClient
from tests.tickets import Api, newcomers, queries


def test_the_newest_activity_comes_first(api: Api, ada: User, dan: User, cleo: User, new_ticket: Ticket) -> None:
    first, room, silent = direct(cleo, dan), room_of(new_ticket), direct(cleo, ada)
    say(room, ada, "Which browser?")
    last = say(first, dan)
    page = api(cleo).get(URL).json()
    assert [(row["id"], row["unread"]) for row in page["results"]] == [(first.pk, 1), (room.pk, 1), (silent.pk, 0)]
    assert (page["count"], page["next"], page["previous"]) == (3, None, None)
    newest, in_room, _ = page["results"]
    assert (newest["person"]["username"], newest["ticket"]) == ("dan", None)
    assert newest["last_message"]["id"] == last.pk
    assert newest["last_message_at"] == newest["last_message"]["created_at"]
    assert (in_room["person"], in_room["ticket"]["number"]) == (None, new_ticket.number)
    assert (in_room["last_message"]["author"]["username"], in_room["last_message"]["body"]) == ("ada", "Which browser?")


def test_it_has_what_one_is_a_member_of(
    api: Api, ada: User, dan: User, dora: User, cleo: User, carl: User, make_ticket: MakeTicket
) -> None:
    room, foreign = room_of(make_ticket(assigned_to=[dan])), direct(dan, cleo)
    seen = {user.username: {row["id"] for row in api(user).get(URL).json()["results"]} for user in (ada, dora, carl)}
    assert seen == {"ada": {room.pk}, "dora": set(), "carl": set()}
    for user in (dan, cleo):
        assert {row["id"] for row in api(user).get(URL).json()["results"]} == {room.pk, foreign.pk}


def test_it_comes_in_pages(api: Api, cleo: User) -> None:
    for other in newcomers(Role.DEVELOPER, 3):
        direct(cleo, other)
    page = api(cleo).get(URL + "?page_size=2&page=2").json()
    assert (page["count"], len(page["results"]), page["next"]) == (3, 1, None)
    assert set(refused(400, api(cleo).get, URL + "?page_size=x")) == {"page_size"}
    assert set(refused(400, api(cleo).get, URL + "?cursor=")) == {"cursor"}
    assert refused(400, api(cleo).get, URL + "?unread=1") == {"unread": ["Unknown parameter."]}
    refused(404, api(cleo).get, URL + "?page=3")


def test_it_takes_as_many_queries_for_many_as_for_one(api: Api, cleo: User, make_ticket: MakeTicket) -> None:
    client, people = api(cleo), newcomers(Role.ADMIN, 4)
    say(direct(cleo, people[0]), people[0])
    few = queries(lambda: client.get(URL))
    for other in people[1:]:
        say(direct(cleo, other), other)
        say(room_of(make_ticket()), other)
    assert queries(lambda: client.get(URL)) == few


@pytest.mark.django_db
def test_nobody_reads_it_without_signing_in(anonymous: ApiClient) -> None:
    assert refused(401, anonymous.get, URL)["code"] == "not_authenticated"


def test_it_is_called_by_get_and_post_only(api: Api, ada: User) -> None:
    for call in (api(ada).put, api(ada).patch, api(ada).delete):
        assert refused(405, call, URL)["code"] == "method_not_allowed"
