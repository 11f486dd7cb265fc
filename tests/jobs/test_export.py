"""What is in an exported table, and what becomes of it when something comes between."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from string import ascii_uppercase
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actions import jobs, tickets
from core.jobs import export, tables
from core.jobs import run as runs
from core.jobs.run import Run
from core.jobs.runner import work
from core.models import JobRun, Role, Status, Ticket, User
from core.serializers.ticket_rows import COLUMNS, tags_in
from tests.conftest import MakeTicket
from tests.jobs.support import abandon, worked_off
from tests.matrix.world import led_to
from tests.tickets import Api

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage")]

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def start(owner: User, kind: str = "csv", *, filters: dict[str, list[str]] | None = None) -> JobRun:
    return jobs.start(owner=owner, name="export", params={"format": kind, "filters": filters or {}})


def done(owner: User, kind: str = "csv", filters: dict[str, list[str]] | None = None) -> JobRun:
    """The job, when it has ended."""
    job = worked_off(start(owner, kind, filters=filters))
    assert (job.status, job.progress) == ("SUCCEEDED", 100), job.message
    return job


def content(job: JobRun) -> bytes:
    with job.result.open() as file:
        return bytes(file.read())


def exported(owner: User, **filters: list[str]) -> list[dict[str, str]]:
    text = content(done(owner, filters=filters)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def sheets(job: JobRun) -> list[list[list[str]]]:
    """The cells of each sheet, of which every one is a text."""
    with zipfile.ZipFile(io.BytesIO(content(job))) as book:
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        return [cells(ElementTree.fromstring(book.read(name))) for name in names]


def cells(sheet: ElementTree.Element) -> list[list[str]]:
    assert {cell.get("t") for cell in sheet.iter(f"{SHEET}c")} == {"inlineStr"}
    assert not list(sheet.iter(f"{SHEET}f"))
    return [texts(row) for row in sheet.iter(f"{SHEET}row")]


def texts(row: ElementTree.Element) -> list[str]:
    """Of all columns, A to V; empty cells are not there."""
    found = {str(cell.get("r")).rstrip("0123456789"): str(cell.findtext(f".//{SHEET}t")) for cell in row}
    return [found.pop(letter, "") for letter in ascii_uppercase[: len(COLUMNS)]]


def titles(rows: list[dict[str, str]]) -> list[str]:
    return [row["title"] for row in rows]


def test_every_column_says_what_the_ticket_says(
    api: Api, make_ticket: MakeTicket, ada: User, dan: User, dora: User
) -> None:
    words: dict[str, Any] = {"title": 'Ärger, "leer" 😀', "description": "one\r\ntwo", "project_name": "shop"}
    words["tags"] = ["web", "a, b"]
    ticket = make_ticket(Status.CLOSED, assigned_to=[dora, dan], **words)
    tickets.create(actor=ada, title="New", description="x")
    first, second = exported(ada)
    shown = api(ada).get(f"/api/tickets/{ticket.pk}/").json()
    same = set(COLUMNS) - {"created_by", "assigned_to", "tags", "sla_response", "sla_resolution"}
    assert {name: first[name] for name in same} == {name: shown[name] or "" for name in same}
    assert (first["created_by"], first["assigned_to"]) == ("cleo", "dora, dan")
    assert (first["tags"], tags_in(first["tags"])) == ('"a, b", web', ["a, b", "web"])
    assert {"response": first["sla_response"], "resolution": first["sla_resolution"]} == shown["sla"]
    assert (second["assigned_to"], second["tags"], second["closed_at"]) == ("", "", "")


def test_the_table_is_as_rfc_4180_has_it_and_excel_reads_it(ada: User, make_ticket: MakeTicket) -> None:
    make_ticket()
    job = done(ada)
    text = content(job)
    assert text.startswith(b"\xef\xbb\xbfnumber,title,description,")
    assert text.count(b"\r\n") == text.count(b"\n") == 2
    today = f"{timezone.now():%Y-%m-%d}"
    assert (job.message, job.result_name, job.result_type) == (
        "Tickets exported: 1.",
        f"tickets-{today}.csv",
        "text/csv",
    )


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "'=", "\uff1d"])
def test_nothing_runs_as_a_formula(ada: User, make_ticket: MakeTicket, sign: str) -> None:
    title = f"{sign}cmd|' /C calc'!A0"
    make_ticket(title=title, tags=["=1+1"])
    [row] = exported(ada)
    assert (row["title"], row["tags"]) == (f"'{title}", "'=1+1")
    [[_, book]] = sheets(done(ada, "xlsx"))
    assert (book[COLUMNS.index("title")], book[COLUMNS.index("tags")]) == (title, "=1+1")


def test_a_book_holds_what_the_table_holds(ada: User, make_ticket: MakeTicket) -> None:
    make_ticket(title="Ärger <b> & 😀 _x0041_", description="one\ntwo " + "é" * 5_000, tags=["web"])
    make_ticket(title="http://example.com/", description="1", project_name="007")
    job = done(ada, "xlsx")
    [[header, *rows]] = sheets(job)
    plain = [list(row.values()) for row in exported(ada)]
    assert header == list(COLUMNS)
    assert [[text.replace("_x005F_", "_") for text in row] for row in rows] == plain
    assert (job.result_name[-5:], job.result_type) == (".xlsx", tables.XLSX)


def test_a_book_goes_on_in_another_sheet(ada: User, make_ticket: MakeTicket, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        make_ticket(title=f"Ticket {number}")
    monkeypatch.setattr(tables, "LONGEST_SHEET", 3)
    one, two = sheets(done(ada, "xlsx"))
    assert [len(one), len(two)] == [3, 2]
    assert one[0] == two[0] == list(COLUMNS)


def test_everybody_gets_what_they_see(
    make_ticket: MakeTicket, ada: User, dan: User, cleo: User, carl: User, dora: User
) -> None:
    make_ticket(Status.OPEN, title="Cleo's", assigned_to=[dan])
    make_ticket(title="Carl's", created_by=carl)
    gone = make_ticket(title="Deleted")
    tickets.delete(actor=ada, ticket_id=gone.pk)
    assert titles(exported(ada)) == ["Cleo's", "Carl's"]
    assert titles(exported(cleo)) == titles(exported(dan)) == ["Cleo's"]
    assert titles(exported(carl)) == ["Carl's"]
    assert exported(dora) == []


def test_filters_narrow_as_they_narrow_the_list(make_ticket: MakeTicket, ada: User, dan: User, cleo: User) -> None:
    make_ticket(Status.OPEN, title="Blank page", assigned_to=[dan], tags=["web"], project_name="Shop")
    make_ticket(title="Slow page", priority="HIGH", category="BUG")
    led_to(make_ticket, Status.CANCELLED, cleo, dan)
    for filters, found in (
        ({"status": ["OPEN", "NEW"]}, ["Blank page", "Slow page"]),
        ({"priority": ["HIGH"], "category": ["BUG"]}, ["Slow page"]),
        ({"assigned_to": [str(dan.pk)], "tag": ["WEB"], "project_name": ["shop"]}, ["Blank page"]),
        ({"search": ["page slow"]}, ["Slow page"]),
        ({"created_before": ["2026-01-01T00:00:00Z"]}, []),
        ({"sla": ["breached"]}, []),
        ({"status": []}, ["Blank page", "Slow page", "Checkout shows a blank page"]),
    ):
        assert titles(exported(ada, **filters)) == found


def test_clients_do_not_find_by_internal_comments(make_ticket: MakeTicket, ada: User, cleo: User) -> None:
    ticket = make_ticket()
    tickets.add_comment(actor=ada, ticket_id=ticket.pk, comment="Swordfish", is_internal=True)
    assert len(exported(ada, search=["swordfish"])) == 1
    assert exported(cleo, search=["swordfish"]) == []


@pytest.fixture
def many(cleo: User) -> list[Ticket]:
    now = timezone.now()
    words = {"description": "x" * 5_000, "created_by": cleo, "created_at": now, "updated_at": now}
    return Ticket.objects.bulk_create(Ticket(title=f"Ticket {number}", **words) for number in range(600))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_each_batch_takes_as_many_queries_and_memory_does_not_grow(
    cleo: User, many: list[Ticket], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def cost(size: int) -> tuple[int, int]:
        Ticket.objects.filter(pk__in=[ticket.pk for ticket in many[size:]]).update(deleted_at=timezone.now())
        tracemalloc.start()
        with CaptureQueriesContext(connection) as captured:
            done(cleo, kind)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        Ticket.objects.update(deleted_at=None)
        return sum('FROM "core_ticket"' in query["sql"] for query in captured), peak

    monkeypatch.setattr(export, "BATCH", 50)
    cost(50)  # what is loaded once
    (few, small), (more, large) = cost(100), cost(600)
    assert (few, more) == (1 + 3, 1 + 13)  # how many there are; each batch, and that there is none after it
    assert large < small + 500_000, (small, large)


def test_what_is_raised_meanwhile_is_not_in_it_and_nobody_loses_their_place(
    make_ticket: MakeTicket, ada: User, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, gone, last = (make_ticket(title=f"Ticket {number}").pk for number in range(3))
    monkeypatch.setattr(export, "BATCH", 1)
    report = Run.report

    def meanwhile(self: Run, done: int, total: int, message: str = "") -> None:
        report(self, done, total, message)
        if not done:
            tickets.create(actor=cleo, title="Late", description="x")
            tickets.delete(actor=ada, ticket_id=gone)

    monkeypatch.setattr(Run, "report", meanwhile)
    assert [row["number"] for row in exported(ada)] == [f"INC-{first:06d}", f"INC-{last:06d}"]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Path]]:
    """What is left in the folder for temporary files."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    return lambda: list((tmp_path / "temporary").iterdir())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_job_that_is_cancelled_leaves_no_file(
    many: list[Ticket],
    cleo: User,
    monkeypatch: pytest.MonkeyPatch,
    folders: Callable[[], list[Path]],
    storage: Path,
    kind: str,
) -> None:
    monkeypatch.setattr(runs, "APART", 0)
    job = start(cleo, kind)
    report = Run.report

    def meanwhile(self: Run, done: int, total: int, message: str = "") -> None:
        if done:
            assert folders()
            jobs.cancel(owner=cleo, job_id=job.pk)
        report(self, done, total, message)

    monkeypatch.setattr(Run, "report", meanwhile)
    worked_off(job)
    assert (job.status, job.result.name, folders(), list(storage.rglob("*.*"))) == ("CANCELLED", "", [], [])


def test_after_a_crash_it_begins_anew(
    many: list[Ticket], cleo: User, monkeypatch: pytest.MonkeyPatch, folders: Callable[[], list[Path]]
) -> None:
    job = start(cleo)
    with monkeypatch.context() as patch:
        patch.setattr(export, "row_of", killed_at(550))
        with pytest.raises(KeyboardInterrupt):
            work()
    abandon(job)
    rows = list(csv.DictReader(io.StringIO(content(worked_off(job)).decode("utf-8-sig"), newline="")))
    assert titles(rows) == [ticket.title for ticket in many]
    assert folders() == []


def killed_at(number: int) -> Callable[..., list[str]]:
    left = iter(range(number))

    def row_of(*arguments: Any) -> list[str]:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return ["x"]

    return row_of


def test_whoever_loses_their_role_meanwhile_gets_nothing(
    many: list[Ticket], ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "APART", 0)
    job = start(ada)
    monkeypatch.setattr(export, "row_of", lambda *_: User.objects.update(role=Role.CLIENT) and ["x"])
    worked_off(job)
    assert (job.status, job.result.name) == ("FAILED", "")


def test_a_large_book_renews_the_lease_while_it_is_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "RENEWED", 0)
    renewals: list[None] = []
    with tables.xlsx_table(tmp_path / "x.xlsx", lambda: renewals.append(None)) as write:
        write(["x"])
        assert not renewals
    assert renewals
