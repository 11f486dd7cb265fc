"""PATCH /api/conversations/{id}/messages/{message}/"""

from datetime import timedelta
from typing import Any

import pytest

from core.actions import messages
from core.models import ConversationMessage, NotificationLog, User
from tests.conversations import NOT_FOUND, NOWHERE, direct, message_url, refused, say, unread, url
from tests.openapi import ApiClient
from tests.tickets import NOT_ACCEPTED, REQUIRED, Api, queries, tells

WRONG: list[Any] = ["", " \n", None, "x" * 4_001, []]
NEW = {"body": "It blinks."}


@pytest.fixture
def said(dan: User, cleo: User) -> ConversationMessage:
    return say(direct(dan, cleo), dan, "It blinsk.")


def made_ago(message: ConversationMessage, ago: timedelta) -> None:
    ConversationMessage.objects.filter(pk=message.pk).update(created_at=message.created_at - ago)


def test_its_author_says_it_otherwise_and_nobody_is_told(
    api: Api, dan: User, cleo: User, said: ConversationMessage
) -> None:
    made_ago(said, timedelta(minutes=14, seconds=30))
    client = api(dan)
    with tells():
        answer = client.patch(message_url(said), NEW)
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["body"], answer.json()["deleted_at"]) == (said.pk, "It blinks.", None)
    edited_at = answer.json()["edited_at"]
    assert edited_at.endswith("Z")
    assert client.patch(message_url(said), NEW).json()["edited_at"] == edited_at  # the same words change nothing
    assert unread(cleo) == 1
    assert "blinsk" in NotificationLog.objects.filter(recipient=cleo)[0].message  # as it was told


def test_after_a_quarter_of_an_hour_it_stays(api: Api, dan: User, said: ConversationMessage) -> None:
    made_ago(said, timedelta(minutes=15, seconds=1))
    answer = refused(409, api(dan).patch, message_url(said), NEW)
    assert answer == {"detail": "A message can be changed or deleted for 15 minutes.", "code": "too_late"}


def test_a_deleted_one_stays_deleted(api: Api, dan: User, said: ConversationMessage) -> None:
    messages.delete(actor=dan, conversation_id=said.conversation_id, message_id=said.pk)
    answer = refused(409, api(dan).patch, message_url(said), NEW)
    assert answer == {"detail": "This message has been deleted.", "code": "message_deleted"}


def test_it_is_its_authors_alone_whatever_is_sent(api: Api, cleo: User, said: ConversationMessage) -> None:
    for body in (NEW, {}):
        assert refused(403, api(cleo).patch, message_url(said), body)["code"] == "permission_denied"


def test_what_says_nothing_is_refused_before_it_is_too_late(api: Api, dan: User, said: ConversationMessage) -> None:
    made_ago(said, timedelta(hours=1))
    for wrong in WRONG:
        assert set(refused(400, api(dan).patch, message_url(said), {"body": wrong})) == {"body"}
    assert refused(400, api(dan).patch, message_url(said), {}) == {"body": REQUIRED}
    assert refused(400, api(dan).patch, message_url(said), NEW | {"author": 1}) == {"author": NOT_ACCEPTED}


def test_members_only(api: Api, ada: User, carl: User, dan: User, said: ConversationMessage) -> None:
    elsewhere = direct(ada, dan)
    for user in (ada, carl):
        assert refused(404, api(user).patch, message_url(said), NEW) == NOT_FOUND
    assert refused(404, api(dan).patch, url(elsewhere, f"messages/{said.pk}"), NEW) == NOT_FOUND
    for key in NOWHERE:
        assert refused(404, api(dan).patch, url(said.conversation_id, f"messages/{key}"), NEW) == NOT_FOUND
        assert refused(404, api(dan).patch, url(key, f"messages/{said.pk}"), NEW) == NOT_FOUND


def test_nobody_does_it_without_signing_in(anonymous: ApiClient, said: ConversationMessage) -> None:
    assert refused(401, anonymous.patch, message_url(said), NEW)["code"] == "not_authenticated"
    assert refused(401, anonymous.patch, url(said.conversation_id, "messages/1"), NEW)["code"] == "not_authenticated"


def test_it_takes_as_many_queries_in_a_long_talk_as_in_a_short_one(
    api: Api, dan: User, said: ConversationMessage
) -> None:
    client = api(dan)
    few = queries(lambda: client.patch(message_url(said), {"body": "One"}))
    for _ in range(3):
        say(said.conversation, dan)
    assert queries(lambda: client.patch(message_url(said), {"body": "Two"})) == few


def test_it_is_called_by_patch_and_delete_only(api: Api, dan: User, said: ConversationMessage) -> None:
    for call in (api(dan).get, api(dan).post, api(dan).put):
        assert refused(405, call, message_url(said))["code"] == "method_not_allowed"
