"""POST /api/conversations/{id}/read/"""

from typing import Any

import pytest

from core.actions.tickets import assign
from core.models import Conversation, Feed, User
from core.notifications import feed as feeds
from tests.conftest import MakeTicket
from tests.conversations import NOT_FOUND, NOWHERE, contents, direct, refused, room_of, say, unread, url
from tests.openapi import ApiClient
from tests.tickets import NOT_ACCEPTED, Api, queries


@pytest.fixture
def talk(dan: User, cleo: User) -> Conversation:
    """Dan has written to Cleo three times."""
    conversation = direct(dan, cleo)
    for number in range(3):
        say(conversation, dan, f"Message {number}")
    return conversation


def keys(talk: Conversation) -> list[int]:
    return list(talk.messages.order_by("pk").values_list("pk", flat=True))


def told(user: User) -> int:
    """How many notifications are unread."""
    return feeds.unread_count(feeds.read(user.pk))


def test_everything_is_read_in_the_inbox_as_well(api: Api, ada: User, cleo: User, talk: Conversation) -> None:
    other = direct(ada, cleo)
    say(other, ada)
    assert (unread(cleo), told(cleo)) == (4, 4)
    answer = api(cleo).post(url(talk, "read"))
    assert answer.status_code == 200
    assert answer.json() == {"read_up_to": keys(talk)[2], "unread": 0, "unread_message_count": 1, "unread_count": 1}
    assert (unread(cleo), told(cleo)) == (1, 1)


def test_up_to_a_message_what_comes_after_it_stays_unread(api: Api, cleo: User, talk: Conversation) -> None:
    first, second, third = keys(talk)
    client = api(cleo)

    def read(up_to: int) -> list[int]:
        body = client.post(url(talk, "read"), {"up_to": up_to}).json()
        assert (body["unread_message_count"], body["unread_count"]) == (unread(cleo), told(cleo))
        return [body["read_up_to"], body["unread"], body["unread_count"]]

    assert read(second) == [second, 1, 1]
    assert read(first) == [second, 1, 1]  # it never goes back
    assert read(third) == [third, 0, 0]


def test_who_came_late_may_read_up_to_what_was_said_before(
    api: Api, ada: User, dora: User, cleo: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket()
    room = room_of(ticket)
    early = say(room, cleo)
    say(direct(ada, cleo), cleo)  # has the id before the next one
    assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dora.pk])
    say(room, cleo)
    answer = api(dora).post(url(room, "read"), {"up_to": early.pk}).json()
    assert (answer["unread"], answer["unread_message_count"], answer["unread_count"]) == (1, 1, 2)


def test_reading_again_changes_nothing(api: Api, cleo: User, talk: Conversation) -> None:
    client = api(cleo)
    first = client.post(url(talk, "read")).json()
    before = contents(), Feed.objects.get(user=cleo).top_seq
    assert client.post(url(talk, "read")).json() == first
    assert (contents(), Feed.objects.get(user=cleo).top_seq) == before


def test_where_nothing_was_said_there_is_nothing_to_read(api: Api, ada: User, cleo: User) -> None:
    answer = api(cleo).post(url(direct(ada, cleo), "read")).json()
    assert answer == {"read_up_to": 0, "unread": 0, "unread_message_count": 0, "unread_count": 0}


@pytest.mark.parametrize("wrong", [None, "x", 0, -1, 2**63, [1], {}], ids=str)
def test_what_is_no_message_is_refused(api: Api, cleo: User, talk: Conversation, wrong: Any) -> None:
    assert set(refused(400, api(cleo).post, url(talk, "read"), {"up_to": wrong})) == {"up_to"}


def test_only_what_was_said_here_is_read_here(api: Api, ada: User, cleo: User, talk: Conversation) -> None:
    elsewhere = say(direct(ada, cleo), ada)
    for key in (elsewhere.pk, 999_999):
        answer = refused(400, api(cleo).post, url(talk, "read"), {"up_to": key})
        assert answer == {"up_to": ["This is not a message of this conversation."]}
    assert refused(400, api(cleo).post, url(talk, "read"), {"since": 1}) == {"since": NOT_ACCEPTED}


def test_members_only_and_before_anything_is_read(api: Api, ada: User, carl: User, talk: Conversation) -> None:
    for user in (ada, carl):
        for key in (talk.pk, *NOWHERE):
            for body in (None, {"up_to": "x"}):
                assert refused(404, api(user).post, url(key, "read"), body) == NOT_FOUND


def test_nobody_does_it_without_signing_in(anonymous: ApiClient, talk: Conversation) -> None:
    for key in (talk.pk, *NOWHERE):
        assert refused(401, anonymous.post, url(key, "read"))["code"] == "not_authenticated"


def test_it_takes_as_many_queries_for_many_as_for_one(api: Api, ada: User, cleo: User, talk: Conversation) -> None:
    other, client = direct(ada, cleo), api(cleo)
    say(other, ada)
    one = queries(lambda: client.post(url(other, "read")))
    assert queries(lambda: client.post(url(talk, "read"))) == one


def test_it_is_only_posted(api: Api, cleo: User, talk: Conversation) -> None:
    for call in (api(cleo).get, api(cleo).put, api(cleo).patch, api(cleo).delete):
        assert refused(405, call, url(talk, "read"))["code"] == "method_not_allowed"
