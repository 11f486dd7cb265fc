"""GET and POST /api/tickets/{id}/attachments/"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.files.limits import MAX_BODY, MAX_FILES, MAX_SIZE, MAX_TOTAL
from core.models import Attachment, Status, Ticket, User
from tests.attachments.calls import FORM, assert_no_orphans, form, part, stored, upload
from tests.attachments.honest import HONEST
from tests.attachments.hostile import HOSTILE
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import (
    NOBODY_SEES,
    NOT_ACCEPTED,
    Api,
    assert_recorded,
    in_status,
    queries,
    refused,
    tells,
    url,
)

NO_FILE = ["The submitted data was not a file. Check the encoding type on the form."]
OPEN = set(Status) - {Status.CLOSED, Status.CANCELLED}


@pytest.fixture(autouse=True)
def _storage(storage: Path) -> None:
    """Every test has its own."""


@pytest.mark.parametrize("who", ["ada", "dan", "cleo"])
def test_whoever_sees_the_ticket_adds_a_file(
    api: Api, make_ticket: MakeTicket, storage: Path, dan: User, who: str
) -> None:
    ticket, user = make_ticket(assigned_to=[dan]), User.objects.get(username=who)
    with tells():
        response = upload(api(user), ticket, "Grüße\n".encode(), "Grüße: 1.txt")
    assert response.status_code == 201
    added = response.json()
    assert re.fullmatch(f"/api/tickets/{ticket.pk}/attachments/{added['id']}/download/", added.pop("download_url"))
    assert added.pop("created_at").endswith("Z")
    assert added == {
        "id": added["id"],
        "name": "Grüße_ 1.txt",
        "content_type": "text/plain",
        "size": 8,
        "uploaded_by": {"id": user.pk, "username": who, "full_name": user.full_name},
    }
    assert_recorded(ticket, user, "add_attachment", "OPEN", "OPEN", changes={"attachment": [None, "Grüße_ 1.txt"]})
    [path] = stored(storage)
    assert re.fullmatch(f"tickets/{ticket.pk}/[0-9a-f]{{32}}", path)
    assert (storage / path).read_bytes() == "Grüße\n".encode()


def test_every_kind_is_taken_for_what_it_is_whatever_the_client_says(
    api: Api, cleo: User, new_ticket: Ticket, storage: Path
) -> None:
    client = api(cleo)
    for name, (content, kind) in HONEST.items():
        body = form(part(content, name=name, kind="text/html"))
        added = client.post(url(new_ticket, "attachments"), body, content_type=FORM).json()
        assert (added["name"], added["content_type"], added["size"]) == (name, kind, len(content))
    page = client.get(url(new_ticket, "attachments")).json()
    assert ([row["name"] for row in page["results"]], page["count"]) == ([*HONEST], len(HONEST))
    assert_no_orphans(storage)


def test_hostile_files_are_refused_by_name(api: Api, cleo: User, new_ticket: Ticket, storage: Path) -> None:
    client = api(cleo)
    for what, (name, content) in HOSTILE.items():
        response = upload(client, new_ticket, content, name)
        assert response.status_code == 400, what
        assert set(response.json()) <= {"file", "non_field_errors"}, (what, response.json())
        assert "file" in response.json() or "\n" in name, (what, response.json())
    assert (new_ticket.history.count(), Attachment.objects.count(), stored(storage)) == (1, 0, set())


WRONG: dict[str, tuple[bytes, dict[str, Any]]] = {
    "nothing": (b"", {"file": ["No file was submitted."]}),
    "an empty form": (form(), {"file": ["No file was submitted."]}),
    "a text": (form(part(b"Hello", name=None)), {"file": NO_FILE}),
    "no name": (form(part(b"Hello", name="")), {"file": NO_FILE}),
    "two files": (form(part(b"one"), part(b"two")), {"file": ["Send one file at a time."]}),
    "a file and a text": (form(part(b"one"), part(b"two", name=None)), {"file": ["Send one file at a time."]}),
    "another field": (form(part(b"one"), part(b"x", name=None, field="note")), {"note": NOT_ACCEPTED}),
    "another file": (form(part(b"one"), part(b"two", field="more")), {"more": NOT_ACCEPTED}),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_anything_but_one_file_is_refused(api: Api, cleo: User, new_ticket: Ticket, storage: Path, what: str) -> None:
    body, complaint = WRONG[what]
    assert refused(400, api(cleo).post, url(new_ticket, "attachments"), body, content_type=FORM) == complaint
    assert stored(storage) == set()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"no form", FORM),
        (form(part(b"x"))[:-20], FORM),
        (b"x", "multipart/form-data"),
        (form(*(part(b"x", field=f"f{number}") for number in range(101))), FORM),
        (form(*(part(b"x", name=None, field=f"f{number}") for number in range(1_001))), FORM),
    ],
    ids=["no form", "cut off", "no boundary", "101 files", "1,001 fields"],
)
def test_what_is_no_form_is_refused(api: Api, cleo: User, new_ticket: Ticket, body: bytes, kind: str) -> None:
    refused(400, api(cleo).post, url(new_ticket, "attachments"), body, content_type=kind)


def test_other_media_types_are_refused(api: Api, cleo: User, new_ticket: Ticket) -> None:
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        answer = refused(415, api(cleo).post, url(new_ticket, "attachments"), "{}", content_type=kind)
        assert answer["code"] == "unsupported_media_type"


def test_a_body_that_is_too_large_is_refused_before_it_is_read(api: Api, cleo: User, new_ticket: Ticket) -> None:
    body = form(part(b"x" * MAX_BODY))
    assert refused(413, api(cleo).post, url(new_ticket, "attachments"), body, content_type=FORM)["code"] == "too_large"
    texts = form(part(b"x" * 1_500_000, name=None))
    assert refused(413, api(cleo).post, url(new_ticket, "attachments"), texts, content_type=FORM)["code"] == "too_large"


def test_the_largest_file_is_taken(api: Api, cleo: User, new_ticket: Ticket) -> None:
    assert upload(api(cleo), new_ticket, b"x" * MAX_SIZE).json()["size"] == MAX_SIZE


def fill(ticket: Ticket, user: User, number: int, size: int) -> None:
    row = {"ticket": ticket, "uploaded_by": user, "name": "x.txt", "content_type": "text/plain", "size": size}
    Attachment.objects.bulk_create(Attachment(**row, file=f"{n}", created_at=ticket.created_at) for n in range(number))


def test_a_ticket_takes_so_many_files_and_no_more(api: Api, cleo: User, new_ticket: Ticket, storage: Path) -> None:
    fill(new_ticket, cleo, MAX_FILES - 1, 1)
    assert upload(api(cleo), new_ticket).status_code == 201
    assert refused(400, upload, api(cleo), new_ticket) == {"file": ["A ticket has at most 20 files."]}
    assert len(stored(storage)) == 1


def test_a_ticket_takes_so_many_bytes_and_no_more(api: Api, cleo: User, new_ticket: Ticket, storage: Path) -> None:
    fill(new_ticket, cleo, 1, MAX_TOTAL - 6)
    assert upload(api(cleo), new_ticket, b"6 byte").status_code == 201
    answer = refused(400, upload, api(cleo), new_ticket, b"x")
    assert answer == {"file": ["The files of a ticket have at most 100 MB together."]}
    assert len(stored(storage)) == 1


def test_a_finished_ticket_takes_no_files(
    api: Api, ada: User, dan: User, make_ticket: MakeTicket, storage: Path
) -> None:
    for status in set(Status) - OPEN:
        ticket = in_status(make_ticket, status, dan)
        answer = refused(409, upload, api(ada), ticket)
        assert answer.pop("detail") == f"Cannot attach a file to a ticket that is {status.value}."
        allowed = api(ada).get(url(ticket)).json()["allowed_actions"]
        assert answer == {"code": "invalid_transition", "status": status, "allowed_actions": allowed}
        assert set(refused(400, upload, api(ada), ticket, b"")) == {"file"}
    assert stored(storage) == set()


@pytest.fixture(params=["list", "add"])
def call(request: pytest.FixtureRequest) -> Callable[[ApiClient, Ticket | int], Any]:
    return upload if request.param == "add" else lambda client, ticket: client.get(url(ticket, "attachments"))


def test_nobody_does_it_without_signing_in(anonymous: ApiClient, new_ticket: Ticket, call: Any) -> None:
    for key in (new_ticket.pk, NOBODY_SEES):
        assert refused(401, call, anonymous, key)["code"] == "not_authenticated"


def test_what_one_cannot_see_is_not_there(api: Api, dora: User, carl: User, new_ticket: Ticket, call: Any) -> None:
    for user in (dora, carl):
        for key in (new_ticket.pk, NOBODY_SEES, 10**30):
            assert refused(404, call, api(user), key) == {"detail": "Not found.", "code": "not_found"}


def test_it_is_not_found_before_it_is_read(api: Api, carl: User, new_ticket: Ticket) -> None:
    refused(404, api(carl).post, url(new_ticket, "attachments"), "{", content_type="application/json")


def test_it_comes_in_pages(api: Api, cleo: User, new_ticket: Ticket) -> None:
    fill(new_ticket, cleo, 3, 1)
    page = api(cleo).get(url(new_ticket, "attachments") + "?page_size=2&page=2").json()
    assert (page["count"], len(page["results"]), page["next"]) == (3, 1, None)
    assert set(refused(400, api(cleo).get, url(new_ticket, "attachments") + "?page_size=x")) == {"page_size"}


def test_it_takes_as_many_queries_for_many_as_for_one(api: Api, cleo: User, make_ticket: MakeTicket) -> None:
    few, many = make_ticket(), make_ticket()
    fill(few, cleo, 1, 1)
    fill(many, cleo, 15, 1)
    client = api(cleo)
    lists = [queries(lambda ticket=ticket: client.get(url(ticket, "attachments"))) for ticket in (few, many)]  # type: ignore[misc]
    adds = [queries(lambda ticket=ticket: upload(client, ticket)) for ticket in (few, many)]  # type: ignore[misc]
    assert (lists[0], adds[0]) == (lists[1], adds[1])


def test_it_is_called_by_get_and_post_only(api: Api, ada: User, new_ticket: Ticket) -> None:
    for call in (api(ada).put, api(ada).patch, api(ada).delete):
        assert refused(405, call, url(new_ticket, "attachments"))["code"] == "method_not_allowed"
