"""GET /api/conversations/{id}/"""

from core.actions import conversations
from core.models import Role, Ticket, User, Watch
from tests.conftest import MakeTicket
from tests.conversations import NOT_FOUND, NOWHERE, direct, refused, room_of, say, url
from tests.openapi import ApiClient
from tests.tickets import Api, newcomers, queries


def test_it_shows_how_far_each_member_has_read(
    api: Api, ada: User, dan: User, dora: User, cleo: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    Watch.objects.create(ticket=ticket, user=dora, created_at=ticket.created_at)
    room = room_of(ticket)
    first, second = say(room, cleo, "Anybody there?"), say(room, ada, "Yes.")
    conversations.mark_read(actor=dan, conversation_id=room.pk, up_to=first.pk)
    found = api(dan).get(url(room)).json()
    before = first.pk - 1  # since this is the first that they were told of
    marks = {"ada": before, "cleo": second.pk - 1, "dan": first.pk, "dora": before}
    assert {member["username"]: member["read_up_to"] for member in found["members"]} == marks
    assert (found["unread"], found["last_message"]["body"], found["url"]) == (1, "Yes.", url(room))


def test_who_has_left_is_no_member(api: Api, dan: User, cleo: User) -> None:
    conversation = direct(dan, cleo)
    User.objects.filter(pk=dan.pk).update(is_active=False)
    found = api(cleo).get(url(conversation)).json()
    assert found["person"]["username"] == "dan"
    assert [member["username"] for member in found["members"]] == ["cleo"]


def test_members_only(api: Api, ada: User, dora: User, carl: User, cleo: User, dan: User, new_ticket: Ticket) -> None:
    between, room = direct(cleo, dan), room_of(new_ticket)
    for key in (between.pk, *NOWHERE):
        assert refused(404, api(ada).get, url(key)) == NOT_FOUND  # admins, too
    for user in (dora, carl, dan):
        assert refused(404, api(user).get, url(room)) == NOT_FOUND


def test_nobody_reads_it_without_signing_in(anonymous: ApiClient, ada: User, cleo: User) -> None:
    for key in (direct(ada, cleo).pk, *NOWHERE):
        assert refused(401, anonymous.get, url(key))["code"] == "not_authenticated"


def test_it_takes_as_many_queries_for_many_as_for_few(api: Api, cleo: User, new_ticket: Ticket) -> None:
    room, client = room_of(new_ticket), api(cleo)
    say(room, cleo)
    few = queries(lambda: client.get(url(room)))
    newcomers(Role.ADMIN, 5)
    say(room, cleo)
    assert queries(lambda: client.get(url(room))) == few


def test_it_is_only_read(api: Api, ada: User, new_ticket: Ticket) -> None:
    room = room_of(new_ticket)
    for call in (api(ada).post, api(ada).put, api(ada).patch, api(ada).delete):
        assert refused(405, call, url(room))["code"] == "method_not_allowed"
