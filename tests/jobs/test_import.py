"""What comes of an imported table, and what happens when something comes between."""

import csv
import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actions import jobs, tickets
from core.jobs import import_
from core.jobs import run as runs
from core.jobs.runner import work
from core.models import JobRow, JobRun, NotificationLog, Role, Status, Tag, Ticket, TicketHistory, User
from tests.jobs.support import abandon, worked_off
from tests.tickets import WRONG_WORDS, everything, newcomers, tells

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage")]

MIXED = '''title,description,project_name,category,priority,tags
Blank page,Since this morning,shop,BUG,HIGH,"Web, ""a, b"""
,No title,,,,
"Slow
 page",x,,,,

Wrong,x,,bug,URGENT,
'''


def start(owner: User, text: str, *, dry_run: bool = False, on_error: str = "skip") -> JobRun:
    params = {"dry_run": dry_run, "on_error": on_error}
    return jobs.start(owner=owner, name="import", params=params, upload=ContentFile(text.encode(), "tickets.csv"))


def rows(job: JobRun) -> dict[int, Any]:
    """Of each line whether it is done, and the detail."""
    return {row.key: (row.is_done, row.detail) for row in job.rows.all()}


def report(job: JobRun) -> list[list[str]]:
    with job.result.open() as file:
        return list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline="")))


def table(size: int) -> str:
    return "title,description,tags\n" + "".join(f"Ticket {number},x,web\n" for number in range(size))


BAD = {
    3: (False, {"title": ["This field may not be blank."]}),
    7: (
        False,
        {"category": ['"bug" is not a valid choice.'], "priority": ['"URGENT" is not a valid choice.']},
    ),
}


def test_good_rows_become_tickets_and_bad_ones_are_reported(ada: User, dan: User) -> None:
    [other] = newcomers(Role.ADMIN, 1)
    with tells((other, "ticket_created", "admin"), (other, "ticket_created", "admin")):
        job = worked_off(start(ada, MIXED))
    assert (job.status, job.message) == ("SUCCEEDED", "Tickets created: 2. Rows refused: 2.")
    one, two = Ticket.objects.order_by("pk")
    assert rows(job) == {2: (True, {"ticket": one.pk}), 4: (True, {"ticket": two.pk}), **BAD}
    assert (one.title, one.description, one.project_name) == ("Blank page", "Since this morning", "shop")
    assert (one.category, one.priority, one.status, one.created_by) == ("BUG", "HIGH", Status.NEW, ada)
    assert list(one.tags.values_list("name", flat=True)) == ["a, b", "web"]
    assert (two.title, two.category, two.priority) == ("Slow page", "OTHER", "MEDIUM")
    assert list(TicketHistory.objects.values_list("action", "version")) == [("create", 1), ("create", 1)]
    assert report(job) == [
        ["line", "ticket", "field", "message"],
        ["2", one.number, "", ""],
        ["3", "", "title", "This field may not be blank."],
        ["4", two.number, "", ""],
        ["7", "", "category", '"bug" is not a valid choice.'],
        ["7", "", "priority", '"URGENT" is not a valid choice.'],
    ]
    today = f"{timezone.now():%Y-%m-%d}"
    assert (job.result_name, job.result_type) == (f"import-{today}.csv", "text/csv")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on_error": "none"}, "Tickets created: 0. Rows refused: 2."),
        ({"dry_run": True}, "Tickets created: 0. Rows refused: 2. Dry run; good rows: 2."),
    ],
)
def test_nothing_is_created_and_nobody_told(ada: User, options: Any, message: str) -> None:
    job, before = start(ada, MIXED, **options), everything()
    with tells():
        worked_off(job)
    # The owner's progress is kept beside their feed.
    assert {**everything(), "Feed": []} == {**before, "Feed": []}
    assert (job.status, job.message, rows(job)) == ("SUCCEEDED", message, BAD)
    assert len(report(job)) == 4


def test_without_a_bad_row_all_are_created(ada: User) -> None:
    job = worked_off(start(ada, table(3), on_error="none"))
    assert (job.message, Ticket.objects.count()) == ("Tickets created: 3. Rows refused: 0.", 3)


def test_a_row_is_refused_as_the_api_refuses_it(ada: User) -> None:
    wrong = [(field, text) for field, text in WRONG_WORDS if isinstance(text, str) and text.strip()]
    for field, text in [*wrong, ("tags", ",".join("abcdefghijklmnopqrstu"))]:
        if field == "tags" and text == "bug":  # one tag
            continue
        words = {"title": "x", "description": "x", field: text}
        line = io.StringIO()
        csv.writer(line).writerows([words.keys(), words.values()])
        job = worked_off(start(ada, line.getvalue()))
        [(is_done, detail)] = rows(job).values()
        assert (is_done, set(detail)) == (False, {field}), (field, text)
    assert not Ticket.objects.exists()


def test_a_row_may_be_short_but_not_long(ada: User) -> None:
    job = worked_off(start(ada, "title;description;tags\nx;x\nx\nx;x;;;\nx;x;web;more\n"))
    assert [is_done for is_done, _ in rows(job).values()] == [True, False, True, False]
    assert rows(job)[3] == (False, {"description": ["This field is required."]})
    assert rows(job)[5] == (False, {"row": ["There are more cells than columns."]})


def test_a_message_that_would_run_as_a_formula_is_text(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_, "by_field", lambda _: {"title": ["=cmd"]})
    assert report(worked_off(start(ada, "title,description\n,x\n")))[1] == ["2", "", "title", "'=cmd"]


class Killed(BaseException):
    """As a process that is gone: nobody handles it."""


def test_after_a_crash_no_row_is_done_twice(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    [other] = newcomers(Role.ADMIN, 1)
    size = 2 * import_.BATCH + 5
    job, calls, create = start(ada, table(size)), iter(range(import_.BATCH + 7)), tickets.create

    def until_killed(**fields: Any) -> Ticket:
        if next(calls, None) is None:
            raise Killed
        return create(**fields)

    with monkeypatch.context() as patch:
        patch.setattr(tickets, "create", until_killed)
        with pytest.raises(Killed):
            work()
    assert Ticket.objects.count() == JobRow.objects.count() == import_.BATCH  # the second batch has never been
    abandon(job)
    worked_off(job)
    assert (job.status, job.message) == ("SUCCEEDED", f"Tickets created: {size}. Rows refused: 0.")
    assert sorted(Ticket.objects.values_list("title", flat=True)) == sorted(f"Ticket {n}" for n in range(size))
    assert NotificationLog.objects.filter(recipient=other, notification_type="SYSTEM").count() == size
    assert len(rows(job)) == len(report(job)) - 1 == size


def test_what_was_done_before_it_is_cancelled_stays(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "APART", 0)
    job, create = start(ada, table(import_.BATCH + 1)), tickets.create

    def cancelling(**fields: Any) -> Ticket:
        JobRun.objects.update(cancel_requested=True)
        return create(**fields)

    monkeypatch.setattr(tickets, "create", cancelling)
    assert worked_off(job).status == "CANCELLED"
    assert Ticket.objects.count() == len(rows(job)) == import_.BATCH


def test_whoever_is_no_admin_any_more_creates_nothing_more(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "APART", 0)
    job, create = start(ada, table(import_.BATCH + 1)), tickets.create

    def demoted(**fields: Any) -> Ticket:
        User.objects.filter(pk=ada.pk).update(role=Role.CLIENT)
        return create(**fields)

    monkeypatch.setattr(tickets, "create", demoted)
    assert worked_off(job).status == "FAILED"
    assert Ticket.objects.count() == import_.BATCH


def test_whoever_is_no_admin_when_it_begins_creates_nothing(ada: User) -> None:
    job = start(ada, table(1))
    User.objects.filter(pk=ada.pk).update(role=Role.CLIENT)
    assert worked_off(job).status == "FAILED"
    assert not Ticket.objects.exists()


def test_what_a_row_is_refused_for_can_be_written_down(ada: User) -> None:
    job = worked_off(start(ada, "title,description,priority\nx,x,LOW\0\n"))
    assert rows(job) == {2: (False, {"priority": ['"LOW\ufffd" is not a valid choice.']})}


def test_a_ticket_takes_as_many_queries_whatever_comes_with_it(ada: User) -> None:
    def asked(size: int) -> int:
        job = start(ada, table(size))
        with CaptureQueriesContext(connection) as captured:
            worked_off(job)
        return len(captured)

    Tag.objects.create(name="web")
    asked(1)
    one, two, three = (asked(size) for size in (1, 2, 3))
    assert three - two == two - one <= 20
