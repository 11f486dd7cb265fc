"""DELETE /api/tickets/{id}/"""

from collections.abc import Callable

import pytest

from core.actions import tickets
from core.models import NotificationLog, Status, Ticket, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import NOBODY_SEES, URL, Api, assert_recorded, in_status, last_history, refused, tells, url


@pytest.mark.parametrize("status", Status)
def test_an_admin_deletes_in_every_status_and_nobody_is_told(
    api: Api, ada: User, dan: User, make_ticket: MakeTicket, status: Status
) -> None:
    ticket = in_status(make_ticket, status, dan)
    with tells():
        response = api(ada).delete(url(ticket))
    assert (response.status_code, response.content) == (204, b"")
    row = assert_recorded(ticket, ada, "delete", status, status, comment="")
    assert ticket.deleted_at == row.created_at


def test_afterwards_it_is_not_there_for_anybody_anywhere(
    api: Api, ada: User, dan: User, cleo: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(Status.IN_PROGRESS)
    api(ada).delete(url(ticket))
    for user in (ada, dan, cleo):
        client = api(user)
        for call in (client.get, client.patch, client.delete):
            assert refused(404, call, url(ticket))["code"] == "not_found"
        for what in ("history", "comments", "attachments", "notifications"):
            refused(404, client.get, url(ticket, what))
        for action in ("assign", "finish_work", "add_comment", "watch"):
            refused(404, client.post, url(ticket, action))
        assert client.get(URL).json()["count"] == 0
    developers = api(ada).get(f"{URL}developers/").json()["results"]
    assert [row["open_tickets"] for row in developers] == [0]


def test_what_was_still_to_be_sent_is_not(
    api: Api, ada: User, dan: User, dora: User, make_ticket: MakeTicket, deliver: Callable[[], None]
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dora.pk])
    api(ada).delete(url(ticket))
    deliver()  # the fakes fail the test when anything arrives
    waiting = NotificationLog.objects.filter(event__in=["ticket_assigned", "ticket_unassigned"])
    ended = waiting.exclude(notification_type="SYSTEM").exclude(error="set up by a test")
    assert set(ended.values_list("status", "error")) == {("CANCELLED", "ticket_out_of_sight")}
    assert set(ended.values_list("recipient__username", flat=True)) == {"dan", "dora"}


def test_nobody_else_deletes(
    api: Api, dan: User, cleo: User, carl: User, anonymous: ApiClient, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    assert refused(401, anonymous.delete, url(ticket))["code"] == "not_authenticated"
    for hidden in (ticket, NOBODY_SEES):
        assert refused(404, api(carl).delete, url(hidden))["code"] == "not_found"
    for user in (dan, cleo):
        answer = refused(403, api(user).delete, url(ticket), headers={"If-Match": '"99"'})
        assert answer["code"] == "permission_denied"


def test_a_stale_version_is_refused(api: Api, ada: User, new_ticket: Ticket) -> None:
    answer = refused(412, api(ada).delete, url(new_ticket), headers={"If-Match": '"2"'})
    assert (answer["code"], answer["version"]) == ("version_mismatch", 1)
    assert api(ada).delete(url(new_ticket), headers={"If-Match": '"1"'}).status_code == 204
    assert last_history(new_ticket).action == "delete"
