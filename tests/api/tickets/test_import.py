"""POST /api/tickets/import/; tests/jobs/test_import.py looks at what comes of it."""

from pathlib import Path
from typing import Any

import pytest

from core.actions.jobs import MOST_UNFINISHED
from core.files.limits import MAX_BODY
from core.files.table import MAX_ROWS, MAX_SIZE
from core.models import JobRun, User
from tests.attachments.calls import FORM, form, part, stored
from tests.openapi import ApiClient
from tests.tickets import NOT_ACCEPTED, URL, Api, refused

IMPORT = f"{URL}import/"
GOOD = b"title,description\r\nBlank page,Since this morning\r\n"


@pytest.fixture(autouse=True)
def _storage(storage: Path) -> None:
    """Every test has its own."""


def body(content: bytes = GOOD, **fields: str) -> bytes:
    words = [part(value.encode(), name=None, field=name) for name, value in fields.items()]
    return form(part(content, name="tickets.csv", kind="text/csv"), *words)


def ask(client: ApiClient, content: bytes = GOOD, **fields: str) -> Any:
    return client.post(IMPORT, body(content, **fields), content_type=FORM)


@pytest.fixture
def refusal(api: Api, ada: User, storage: Path) -> Any:
    """What Ada is refused with, which leaves neither a job nor a file behind."""
    client = api(ada)

    def call(content: bytes = GOOD, **fields: str) -> Any:
        answer = refused(400, client.post, IMPORT, body(content, **fields), content_type=FORM)
        assert not JobRun.objects.exists()
        assert stored(storage) == set()
        return answer

    return call


def test_an_admin_gets_a_task(api: Api, ada: User, storage: Path) -> None:
    response = ask(api(ada), dry_run="true", on_error="none")
    assert response.status_code == 202
    job = JobRun.objects.get()
    assert response.json() == {"task_id": job.pk}
    assert (job.owner, job.name, job.params) == (ada, "import", {"dry_run": True, "on_error": "none"})
    [path] = stored(storage)
    assert (storage / path).read_bytes() == GOOD
    ask(api(ada))
    assert JobRun.objects.latest("pk").params == {"dry_run": False, "on_error": "skip"}


def test_nobody_imports_without_signing_in(anonymous: ApiClient, db: None) -> None:
    assert refused(401, anonymous.post, IMPORT, b"nonsense", content_type=FORM)["code"] == "not_authenticated"


@pytest.mark.parametrize("who", ["dan", "cleo"])
def test_only_admins_import(api: Api, who: str, request: pytest.FixtureRequest) -> None:
    client = api(request.getfixturevalue(who))
    assert refused(403, client.post, IMPORT, b"nonsense", content_type=FORM)["code"] == "permission_denied"


def test_the_form_has_a_file_and_two_choices(refusal: Any, api: Api, ada: User) -> None:
    assert set(refusal(dry_run="perhaps")) == {"dry_run"}
    assert set(refusal(on_error="abort")) == {"on_error"}
    assert refusal(created_by="4") == {"created_by": NOT_ACCEPTED}
    assert refusal(b"") == {"file": ["The submitted file is empty."]}
    post = api(ada).post
    assert refused(400, post, IMPORT, form(), content_type=FORM) == {"file": ["No file was submitted."]}
    two = form(part(GOOD), part(GOOD))
    assert refused(400, post, IMPORT, two, content_type=FORM) == {"file": ["Send one file at a time."]}
    assert set(refused(400, post, IMPORT, form(part(GOOD, name="../x.csv")), content_type=FORM)) == {"file"}
    refused(400, post, IMPORT, form(part(GOOD))[:-20], content_type=FORM)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("title,description\nÄrger,x".encode("latin-1"), "This is no text in UTF-8."),
        ("title,description\nx,x".encode("utf-16"), "This is no text in UTF-8."),
        (b"PK\x03\x04\xff\xfe", "This is no text in UTF-8."),
        (b"\xef\xbb\xbf", "There is no column for: title, description."),
        (b"\n \n,,\n", "There is no column for: title, description."),
        (b"title,status\nx,NEW", "There is no column for: description."),
        (b"title,description,colour\nx,x,red", "There are columns that no ticket has: 'colour'."),
        (b"title,,description\nx,x,x", "There are columns that no ticket has: ''."),
        (b"title,description,Title\nx,x,x", "There are two columns with the same name."),
        (b'title,description\nx,x\nx,"x"x', "Line 3: ',' expected after '\"'."),
        (b'title,description\nx,"x\nx', "Line 2: unexpected end of data."),
        (b"title,description\nx," + b"x" * 140_000, "Line 2: field larger than field limit (131072)."),
        (b"title,description\n" + b"x,x\n" * (MAX_ROWS + 1), f"A table may have at most {MAX_ROWS:,} rows."),
        (b"title,description\n" + b"x\n" * 2_000_000, f"A table may have at most {MAX_ROWS:,} rows."),
        (GOOD + b" " * (MAX_SIZE + 1 - len(GOOD)), "A table may have at most 5 MB."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_of_tickets_is_refused(refusal: Any, content: bytes, why: str) -> None:
    assert refusal(content) == {"file": [why]}


def test_a_table_may_be_as_a_spreadsheet_writes_it(api: Api, ada: User) -> None:
    client = api(ada)
    assert (
        ask(client, b"\xef\xbb\xbf Title ;DESCRIPTION;number;sla_response;;\r\nx;x;INC-000001;met;;\r\n").status_code
        == 202
    )
    assert ask(client, b"title,description\n" + b"x,x\n" * MAX_ROWS).status_code == 202
    assert ask(client, b'\r\n"title","description"\rx,x\r').status_code == 202


def test_a_body_that_is_too_large_is_refused(api: Api, ada: User) -> None:
    large = body(b" " * MAX_BODY)
    assert refused(413, api(ada).post, IMPORT, large, content_type=FORM)["code"] == "too_large"


def test_other_media_types_are_refused(api: Api, ada: User) -> None:
    for kind in ("application/json", "text/csv"):
        assert refused(415, api(ada).post, IMPORT, GOOD, content_type=kind)["code"] == "unsupported_media_type"


def test_the_same_key_begins_one_task(api: Api, ada: User, storage: Path) -> None:
    client, headers = api(ada), {"Idempotency-Key": "once"}
    answers = [client.post(IMPORT, body(), content_type=FORM, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert (JobRun.objects.count(), len(stored(storage))) == (1, 1)


def test_nobody_has_more_than_a_few_at_a_time(api: Api, ada: User, storage: Path) -> None:
    client = api(ada)
    for _ in range(MOST_UNFINISHED):
        assert ask(client).status_code == 202
    assert refused(429, client.post, IMPORT, body(), content_type=FORM)["code"] == "too_many_tasks"
    assert len(stored(storage)) == MOST_UNFINISHED
