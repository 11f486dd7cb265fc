"""POST /api/conversations/{id}/messages/"""

from typing import Any

import pytest

from core.models import Conversation, NotificationLog, Role, Ticket, User
from tests.conftest import MakeTicket
from tests.conversations import NOT_FOUND, NOWHERE, assert_unread_fits, direct, refused, room_of, unread, url
from tests.openapi import ApiClient
from tests.tickets import NOT_ACCEPTED, REQUIRED, Api, newcomers, queries, tells, unchecked

TOLD = ("message_received", "member")


@pytest.fixture
def talk(dan: User, cleo: User) -> Conversation:
    return direct(dan, cleo)


def test_the_other_is_told(api: Api, dan: User, cleo: User, talk: Conversation) -> None:
    with tells((cleo, *TOLD)):
        answer = api(dan).post(url(talk, "messages"), {"body": "Does it blink?"})
    assert answer.status_code == 201
    said = answer.json()
    assert said.pop("created_at").endswith("Z")
    author = {"id": dan.pk, "username": "dan", "full_name": dan.full_name}
    assert said == {"id": said["id"], "author": author, "body": "Does it blink?", "edited_at": None, "deleted_at": None}
    assert (unread(dan), unread(cleo)) == (0, 1)
    row = NotificationLog.objects.get(recipient=cleo, notification_type="SYSTEM", event="message_received")
    assert (row.resource_type, row.resource_id, row.url) == ("conversation", talk.pk, url(talk))
    assert row.subject == f"Message from {dan.full_name}"
    assert row.message == f"Message from {dan.full_name} — “Does it blink?”"
    assert (row.ticket, row.ticket_snapshot, row.is_critical) == (None, None, False)


def test_in_the_room_of_a_ticket_everybody_is_told_who_sees_it(
    api: Api, make_ticket: MakeTicket, ada: User, dan: User, dora: User, cleo: User, carl: User
) -> None:
    ticket = make_ticket(assigned_to=[dan], priority="CRITICAL")
    room = room_of(ticket)
    with tells((ada, *TOLD), (cleo, *TOLD)):
        assert api(dan).post(url(room, "messages"), {"body": "On it."}).status_code == 201
    row = NotificationLog.objects.get(recipient=cleo, notification_type="SYSTEM", event="message_received")
    assert row.subject == f"Message from {dan.full_name} ({ticket.number} {ticket.title})"
    assert (row.resource_type, row.ticket_id, row.is_critical) == ("conversation", ticket.pk, True)
    assert [unread(user) for user in (ada, dan, dora, cleo, carl)] == [1, 0, 0, 1, 0]


def test_who_has_muted_the_ticket_has_it_unread_and_is_not_told(
    api: Api, ada: User, cleo: User, new_ticket: Ticket
) -> None:
    room = room_of(new_ticket)
    api(cleo).post(f"/api/tickets/{new_ticket.pk}/mute/")
    with tells():
        api(ada).post(url(room, "messages"), {"body": "Hello?"})
    assert unread(cleo) == 1
    assert api(cleo).get(url(room, "messages")).json()["count"] == 1


def test_texts_are_trimmed_and_counted_then(api: Api, dan: User, talk: Conversation) -> None:
    client = unchecked(api(dan))
    said = client.post(url(talk, "messages"), {"body": f"  {'x' * 4_000}\n"}, format="json")
    assert (said.status_code, said.json()["body"]) == (201, "x" * 4_000)
    assert client.post(url(talk, "messages"), {"body": " y "}, format="json").json()["body"] == "y"


WRONG: list[Any] = ["", "  ", "\n", "\u200b", None, "a\0b", ["x"], {}, "x" * 4_001]


def test_what_says_nothing_or_too_much_is_refused(api: Api, dan: User, talk: Conversation) -> None:
    client = api(dan)
    for wrong in WRONG:
        assert set(refused(400, client.post, url(talk, "messages"), {"body": wrong})) == {"body"}, wrong
    assert refused(400, client.post, url(talk, "messages"), {}) == {"body": REQUIRED}
    assert refused(400, client.post, url(talk, "messages"), {"body": "x", "to": 1}) == {"to": NOT_ACCEPTED}


def test_nobody_writes_to_who_has_left(api: Api, dan: User, cleo: User, talk: Conversation) -> None:
    User.objects.filter(pk=cleo.pk).update(is_active=False)
    answer = refused(409, api(dan).post, url(talk, "messages"), {"body": "Hello?"})
    assert answer == {"detail": "The other person's account has been deactivated.", "code": "user_inactive"}


def test_members_only_and_before_anything_is_read(api: Api, ada: User, carl: User, talk: Conversation) -> None:
    for user in (ada, carl):
        for key in (talk.pk, *NOWHERE):
            for body in ({"body": "Hello?"}, {}):
                assert refused(404, api(user).post, url(key, "messages"), body) == NOT_FOUND


def test_nobody_writes_without_signing_in(anonymous: ApiClient, talk: Conversation) -> None:
    for key in (talk.pk, *NOWHERE):
        assert refused(401, anonymous.post, url(key, "messages"), {"body": "x"})["code"] == "not_authenticated"


def test_sent_again_with_its_key_it_is_said_once(api: Api, dan: User, cleo: User, talk: Conversation) -> None:
    client = api(dan)
    for _ in range(2):
        answer = client.post(url(talk, "messages"), {"body": "Once."}, HTTP_IDEMPOTENCY_KEY="once")
        assert answer.status_code == 201
    assert (talk.messages.count(), unread(cleo)) == (1, 1)
    other = client.post(url(talk, "messages"), {"body": "Twice."}, HTTP_IDEMPOTENCY_KEY="once")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_it_takes_as_many_queries_for_many_members_as_for_few(
    api: Api, cleo: User, new_ticket: Ticket, ada: User
) -> None:
    room, client = room_of(new_ticket), api(cleo)

    def post() -> Any:
        return client.post(url(room, "messages"), {"body": "Hello?"})

    post()
    few = queries(post)
    newcomers(Role.ADMIN, 10)
    post()  # makes their feeds
    assert queries(post) == few
    assert_unread_fits()
