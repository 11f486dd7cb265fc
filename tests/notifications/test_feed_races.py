"""Writers and readers of one inbox at the same moment: no reader ever goes past what is not committed yet."""

import threading

import pytest
from django.db import connection, transaction

from core.actions import tickets
from core.models import Tag, Ticket, User
from core.notifications import feed
from tests.conftest import hush
from tests.notifications.support import at_once, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
two_writers = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: the second cannot begin")


def hush_all() -> None:
    for ticket in Ticket.objects.all():
        hush(ticket.pk)


def raise_ticket(cleo: User, title: str) -> None:
    tickets.create(actor=cleo, title=title, description="It broke.")


def somebody_waits() -> bool:
    """Whether a transaction waits for another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


@two_writers
def test_what_began_first_and_commits_last_is_not_skipped(ada: User, cleo: User) -> None:
    """Its position is above that of what was committed meanwhile; its ids, had it taken any at once, were below."""
    begun, overtaken = threading.Event(), threading.Event()
    since: list[int] = []

    def first() -> None:
        with transaction.atomic():
            Tag.objects.create(name="begun first")
            begun.set()
            overtaken.wait(5)
            raise_ticket(cleo, "First")
            assert feed.read(ada.pk).top_seq == 2

    def second() -> None:
        begun.wait(5)
        raise_ticket(cleo, "Second")
        since.append(feed.changes(ada.pk, 0, None).seq)
        overtaken.set()

    at_once(first, second)
    assert since == [1]
    assert [frame["ticket"]["title"] for frame in feed.changes(ada.pk, 1, None).results] == ["First"]
    hush_all()


@two_writers
def test_what_has_its_position_and_has_not_committed_holds_up_the_next_so_that_nobody_goes_past_it(
    ada: User, cleo: User
) -> None:
    begun = threading.Event()
    seen: list[str] = []

    def first() -> None:
        with transaction.atomic():
            raise_ticket(cleo, "First")
            begun.set()
            wait_until(somebody_waits)

    def second() -> None:
        begun.wait(5)
        raise_ticket(cleo, "Second")

    def read() -> None:
        begun.wait(5)
        while len(seen) < 2:
            page = feed.changes(ada.pk, len(seen), None)
            assert page.seq == len(seen) + len(page.results)
            seen.extend(frame["ticket"]["title"] for frame in page.results)

    at_once(first, second, read)
    assert seen == ["First", "Second"]
    hush_all()


def test_a_reader_among_many_writers_sees_every_position_once_in_order(ada: User, cleo: User) -> None:
    each, since = 5, 0
    seen: list[int] = []

    def write() -> None:
        for _ in range(each):
            raise_ticket(cleo, "Bug Fix")

    def read() -> None:
        nonlocal since
        while len(seen) < 4 * each:
            page = feed.changes(ada.pk, since, "0")
            assert page.reason == ""
            since = page.seq
            seen.extend(frame["seq"] for frame in page.results)

    at_once(read, *[write] * 4)
    assert seen == list(range(1, 4 * each + 1))
    hush_all()
