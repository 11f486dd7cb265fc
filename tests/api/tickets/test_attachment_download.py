"""GET /api/tickets/{id}/attachments/{attachment}/download/"""

from pathlib import Path
from typing import Any

import pytest

from core.actions import tickets
from core.models import Attachment, Status, Ticket, User
from tests.attachments.calls import upload
from tests.attachments.honest import HONEST
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import NOBODY_SEES, Api, queries, refused, url

pytestmark = pytest.mark.usefixtures("storage")


Case = tuple[User, Ticket | int, Attachment | int]


def where(ticket: Ticket | int, attachment: Attachment | int) -> str:
    key = attachment if isinstance(attachment, int) else attachment.pk
    return url(ticket, f"attachments/{key}/download")


def body(response: Any) -> bytes:
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)


@pytest.fixture
def ticket(make_ticket: MakeTicket, dan: User) -> Ticket:
    return make_ticket(assigned_to=[dan])


@pytest.fixture
def attached(api: Api, cleo: User, ticket: Ticket) -> Attachment:
    """Cleo's file on her ticket, which is Dan's."""
    return Attachment.objects.get(pk=upload(api(cleo), ticket).json()["id"])


@pytest.mark.parametrize("who", ["ada", "dan", "cleo"])
def test_whoever_sees_the_ticket_gets_the_file(api: Api, ticket: Ticket, attached: Attachment, who: str) -> None:
    client = api(User.objects.get(username=who))
    [row] = client.get(url(ticket, "attachments")).json()["results"]
    assert row["download_url"] == where(ticket, attached)
    assert body(client.get(row["download_url"])) == b"Hello\n"


def test_every_kind_comes_back_as_it_was_and_as_what_it_is(api: Api, cleo: User, ticket: Ticket) -> None:
    client = api(cleo)
    for name, (content, kind) in HONEST.items():
        response = client.get(upload(client, ticket, content, name).json()["download_url"])
        assert body(response) == content
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        assert response.headers["Content-Type"] == kind + charset
        assert response.headers["Content-Length"] == str(len(content))


def test_no_browser_shows_it_as_a_page_of_ours(api: Api, cleo: User, ticket: Ticket, attached: Attachment) -> None:
    headers = api(cleo).get(where(ticket, attached)).headers
    assert headers["Content-Disposition"] == 'attachment; filename="notes.txt"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Grüße 1.txt", "attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe%201.txt"),
        ("a;b=c.txt", 'attachment; filename="a;b=c.txt"'),
    ],
)
def test_it_keeps_its_name(api: Api, cleo: User, ticket: Ticket, name: str, sent: str) -> None:
    added = upload(api(cleo), ticket, name=name).json()
    assert api(cleo).get(added["download_url"]).headers["Content-Disposition"] == sent


def test_a_finished_ticket_keeps_its_files(api: Api, cleo: User, ticket: Ticket, attached: Attachment) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status=Status.CANCELLED, paused_at=ticket.created_at)
    assert body(api(cleo).get(where(ticket, attached))) == b"Hello\n"


def test_whoever_is_taken_off_the_ticket_gets_it_no_more(
    api: Api, ada: User, dan: User, dora: User, ticket: Ticket, attached: Attachment
) -> None:
    client = api(dan)
    assert client.get(where(ticket, attached)).status_code == 200
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dora.pk])
    assert refused(404, client.get, where(ticket, attached))["code"] == "not_found"


def test_nobody_gets_it_without_signing_in(anonymous: ApiClient, ticket: Ticket, attached: Attachment) -> None:
    for address in (where(ticket, attached), where(NOBODY_SEES, NOBODY_SEES)):
        assert refused(401, anonymous.get, address)["code"] == "not_authenticated"


def test_what_one_cannot_see_is_not_there(
    api: Api, dora: User, carl: User, cleo: User, make_ticket: MakeTicket, ticket: Ticket, attached: Attachment
) -> None:
    own = make_ticket(created_by=carl)
    hidden: list[Case] = [(dora, ticket, attached), (carl, ticket, attached), (carl, own, attached)]
    missing: list[Case] = [(cleo, ticket, NOBODY_SEES), (cleo, ticket, 10**30), (cleo, NOBODY_SEES, attached)]
    for user, on, which in [*hidden, *missing]:
        assert refused(404, api(user).get, where(on, which)) == {"detail": "Not found.", "code": "not_found"}


def test_a_file_that_is_just_being_removed_is_not_there(
    api: Api, cleo: User, ticket: Ticket, attached: Attachment, storage: Path
) -> None:
    (storage / str(attached.file)).unlink()
    refused(404, api(cleo).get, where(ticket, attached))


def test_it_takes_few_queries(api: Api, cleo: User, ticket: Ticket, attached: Attachment) -> None:
    client = api(cleo)
    assert queries(lambda: client.get(where(ticket, attached))) <= 4


def test_it_is_called_by_get_only(api: Api, ada: User, ticket: Ticket, attached: Attachment) -> None:
    for call in (api(ada).post, api(ada).put, api(ada).patch, api(ada).delete):
        assert refused(405, call, where(ticket, attached))["code"] == "method_not_allowed"
