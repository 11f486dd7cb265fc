"""GET /api/conversations/{id}/messages/"""

import pytest

from core.actions import messages
from core.models import Conversation, User
from tests.api.cursors import BAD_CURSORS, walk
from tests.conversations import NOT_FOUND, NOWHERE, direct, refused, say, url
from tests.openapi import ApiClient
from tests.tickets import Api, queries


@pytest.fixture
def talk(dan: User, cleo: User) -> Conversation:
    """Of Dan and Cleo, five messages."""
    conversation = direct(dan, cleo)
    for number in range(5):
        say(conversation, (dan, cleo)[number % 2], f"Message {number}")
    return conversation


def test_it_has_what_was_said_newest_first(api: Api, cleo: User, talk: Conversation) -> None:
    page = api(cleo).get(url(talk, "messages")).json()
    said = [(row["author"]["username"], row["body"]) for row in page["results"]]
    assert said == [(("dan", "cleo")[number % 2], f"Message {number}") for number in (4, 3, 2, 1, 0)]
    assert (page["count"], page["next"], page["previous"]) == (5, None, None)
    assert {row["edited_at"] or row["deleted_at"] for row in page["results"]} == {None}


def test_a_deleted_one_keeps_its_place_without_its_text(api: Api, dan: User, cleo: User, talk: Conversation) -> None:
    third = talk.messages.order_by("pk")[2]
    messages.delete(actor=dan, conversation_id=talk.pk, message_id=third.pk)
    row = api(cleo).get(url(talk, "messages")).json()["results"][2]
    assert (row["id"], row["body"], row["author"]["username"]) == (third.pk, "", "dan")
    assert row["deleted_at"].endswith("Z")


def test_walking_by_cursor_is_the_list(api: Api, cleo: User, talk: Conversation) -> None:
    keys = list(talk.messages.order_by("-pk").values_list("pk", flat=True))
    pages = walk(api(cleo), url(talk, "messages") + "?cursor=&page_size=2", "next")
    assert pages == [keys[:2], keys[2:4], keys[4:]]


def test_it_comes_in_pages(api: Api, cleo: User, talk: Conversation) -> None:
    where = url(talk, "messages")
    page = api(cleo).get(f"{where}?page_size=3&page=2").json()
    assert ([row["body"] for row in page["results"]], page["next"]) == (["Message 1", "Message 0"], None)
    for wrong, name in (("page_size=x", "page_size"), ("page=0", "page"), (f"cursor={BAD_CURSORS[0]}", "cursor")):
        assert set(refused(400, api(cleo).get, f"{where}?{wrong}")) == {name}
    assert refused(400, api(cleo).get, f"{where}?author=1") == {"author": ["Unknown parameter."]}
    refused(404, api(cleo).get, f"{where}?page=3")


def test_members_only(api: Api, ada: User, carl: User, talk: Conversation) -> None:
    for user in (ada, carl):
        for key in (talk.pk, *NOWHERE):
            assert refused(404, api(user).get, url(key, "messages")) == NOT_FOUND


def test_nobody_reads_it_without_signing_in(anonymous: ApiClient, talk: Conversation) -> None:
    for key in (talk.pk, *NOWHERE):
        assert refused(401, anonymous.get, url(key, "messages"))["code"] == "not_authenticated"


def test_it_takes_as_many_queries_for_many_as_for_one(
    api: Api, ada: User, dan: User, cleo: User, talk: Conversation
) -> None:
    other, client = direct(ada, cleo), api(cleo)
    say(other, ada)
    assert queries(lambda: client.get(url(other, "messages"))) == queries(lambda: client.get(url(talk, "messages")))


def test_it_is_called_by_get_and_post_only(api: Api, cleo: User, talk: Conversation) -> None:
    for call in (api(cleo).put, api(cleo).patch, api(cleo).delete):
        assert refused(405, call, url(talk, "messages"))["code"] == "method_not_allowed"
