"""DELETE /api/conversations/{id}/messages/{message}/"""

from typing import Any

import pytest

from core.actions import conversations
from core.actions.messages import CHANGEABLE
from core.models import ConversationMessage, NotificationLog, User
from tests.api.conversations.test_edit_message import made_ago
from tests.conversations import (
    NOT_FOUND,
    NOWHERE,
    assert_unread_fits,
    contents,
    direct,
    message_url,
    refused,
    say,
    unread,
    url,
)
from tests.openapi import ApiClient
from tests.tickets import Api, tells


@pytest.fixture
def said(dan: User, cleo: User) -> ConversationMessage:
    return say(direct(dan, cleo), dan, "The password is swordfish.")


def test_its_words_are_nowhere_any_more(api: Api, dan: User, cleo: User, said: ConversationMessage) -> None:
    with tells():
        assert api(dan).delete(message_url(said)).status_code == 204
    said.refresh_from_db()
    assert said.body == ""
    assert said.deleted_at is not None
    told = NotificationLog.objects.filter(recipient=cleo, event="message_received")
    assert set(told.values_list("message", flat=True)) == {"This message was deleted."}


def test_who_had_not_read_it_has_one_less_to_read(api: Api, dan: User, cleo: User, said: ConversationMessage) -> None:
    later = say(said.conversation, dan, "Sorry.")
    assert unread(cleo) == 2
    api(dan).delete(message_url(said))
    assert unread(cleo) == 1
    conversations.mark_read(actor=cleo, conversation_id=said.conversation_id)
    api(dan).delete(message_url(later))
    assert unread(cleo) == 0
    assert_unread_fits()


def test_deleting_it_again_changes_nothing_however_late(api: Api, dan: User, said: ConversationMessage) -> None:
    client = api(dan)
    client.delete(message_url(said))
    made_ago(said, 2 * CHANGEABLE)
    before = contents()
    assert client.delete(message_url(said)).status_code == 204
    assert contents() == before


def test_after_a_quarter_of_an_hour_it_stays(api: Api, dan: User, said: ConversationMessage) -> None:
    made_ago(said, CHANGEABLE)
    assert refused(409, api(dan).delete, message_url(said))["code"] == "too_late"


def test_it_is_its_authors_alone(api: Api, cleo: User, said: ConversationMessage) -> None:
    assert refused(403, api(cleo).delete, message_url(said))["code"] == "permission_denied"


def test_members_only(api: Api, ada: User, carl: User, dan: User, said: ConversationMessage) -> None:
    for user in (ada, carl):
        assert refused(404, api(user).delete, message_url(said)) == NOT_FOUND
    for where in [url(direct(ada, dan), f"messages/{said.pk}"), *(url(key, f"messages/{said.pk}") for key in NOWHERE)]:
        assert refused(404, api(dan).delete, where) == NOT_FOUND


def test_nobody_does_it_without_signing_in(anonymous: ApiClient, said: ConversationMessage) -> None:
    answer: Any = refused(401, anonymous.delete, message_url(said))
    assert answer["code"] == "not_authenticated"
