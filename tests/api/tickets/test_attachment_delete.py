"""DELETE /api/tickets/{id}/attachments/{attachment}/"""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.models import Attachment, Status, Ticket, User
from tests.attachments.calls import assert_no_orphans, stored, upload
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import NOBODY_SEES, Api, assert_recorded, in_status, refused, tells, url

Attach = Callable[[Ticket, User], Attachment]


@pytest.fixture
def attach(api: Api, storage: Path) -> Attach:
    """`attach(ticket, user)` is that person's file on the ticket."""
    return lambda ticket, user: Attachment.objects.get(pk=upload(api(user), ticket).json()["id"])


Case = tuple[User, Ticket | int, Attachment | int]


def where(ticket: Ticket | int, attachment: Attachment | int) -> str:
    key = attachment if isinstance(attachment, int) else attachment.pk
    return url(ticket, f"attachments/{key}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["dan", "ada"])
def test_its_uploader_and_admins_remove_it(
    api: Api, make_ticket: MakeTicket, attach: Attach, storage: Path, dan: User, who: str
) -> None:
    ticket, user = make_ticket(Status.OPEN, assigned_to=[dan]), User.objects.get(username=who)
    kept, removed = attach(ticket, dan), attach(ticket, dan)
    ticket.refresh_from_db()
    with tells():
        response = api(user).delete(where(ticket, removed))
    assert (response.status_code, response.content) == (204, b"")
    assert_recorded(ticket, user, "remove_attachment", "OPEN", "OPEN", changes={"attachment": ["notes.txt", None]})
    assert [row["id"] for row in api(user).get(url(ticket, "attachments")).json()["results"]] == [kept.pk]
    assert stored(storage) == {str(kept.file)}
    refused(404, api(user).delete, where(ticket, removed))


def test_others_who_see_it_may_not(
    api: Api, make_ticket: MakeTicket, attach: Attach, storage: Path, ada: User, dan: User, cleo: User
) -> None:
    ticket = make_ticket(Status.OPEN, assigned_to=[dan])
    for owner, other in ((cleo, dan), (dan, cleo), (ada, cleo)):
        attached = attach(ticket, owner)
        assert refused(403, api(other).delete, where(ticket, attached))["code"] == "permission_denied"
    assert_no_orphans(storage)


def test_a_finished_ticket_loses_no_files(
    api: Api, make_ticket: MakeTicket, attach: Attach, storage: Path, ada: User, dan: User, cleo: User
) -> None:
    for status in (Status.CLOSED, Status.CANCELLED):
        ticket = in_status(make_ticket, Status.OPEN, dan)
        attached = attach(ticket, cleo)
        finished = in_status(make_ticket, status, dan)
        Attachment.objects.filter(pk=attached.pk).update(ticket=finished)
        for user in (ada, cleo):
            answer = refused(409, api(user).delete, where(finished, attached))
            assert (answer["code"], answer["status"]) == ("invalid_transition", status)
            assert answer["detail"] == f"Cannot remove a file from a ticket that is {status.value}."
        assert refused(403, api(dan).delete, where(finished, attached))["code"] == "permission_denied"
    assert_no_orphans(storage)


def test_nobody_does_it_without_signing_in(
    anonymous: ApiClient, new_ticket: Ticket, attach: Attach, cleo: User
) -> None:
    for address in (where(new_ticket, attach(new_ticket, cleo)), where(NOBODY_SEES, 1)):
        assert refused(401, anonymous.delete, address)["code"] == "not_authenticated"


def test_what_one_cannot_see_is_not_there(
    api: Api, make_ticket: MakeTicket, attach: Attach, cleo: User, carl: User, dora: User, new_ticket: Ticket
) -> None:
    attached, own = attach(new_ticket, cleo), make_ticket(created_by=carl)
    hidden: list[Case] = [(dora, new_ticket, attached), (carl, new_ticket, attached), (carl, own, attached)]
    missing: list[Case] = [(cleo, new_ticket, NOBODY_SEES), (cleo, new_ticket, 10**30), (cleo, NOBODY_SEES, attached)]
    for user, on, which in [*hidden, *missing]:
        assert refused(404, api(user).delete, where(on, which)) == {"detail": "Not found.", "code": "not_found"}


def test_it_is_called_by_delete_only(api: Api, ada: User, new_ticket: Ticket, attach: Attach) -> None:
    address = where(new_ticket, attach(new_ticket, ada))
    for call in (api(ada).get, api(ada).post, api(ada).put, api(ada).patch):
        assert refused(405, call, address)["code"] == "method_not_allowed"
