"""The guide's tables of what providers do wrong, as the tests read them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from core.models import ChannelCircuit, NotificationLog
from core.notifications.deliver import drain
from core.notifications.retry import JITTER
from tests.docs.pages import GUIDE, read, section
from tests.notifications.support import PENDING, make_due

ROW = re.compile(
    r"^\| (?P<what>.+?) \| `(?P<status>[A-Z]+)` \| (?:`(?P<error>\w+)`)? ?\| (?:\u2013|(?P<again>\d+) s) "
    r"\| `(?P<end>[A-Z]+)` after (?P<attempts>\d) \|$",
    re.MULTILINE,
)


class Expected(NamedTuple):
    """After the first time; and in the end, when every attempt goes like that."""

    status: str
    error: str
    again: timedelta | None
    end: str
    attempts: int


def table(title: str) -> dict[str, Expected]:
    """The table whose first column is headed like this."""
    text = section(read(GUIDE), "### When a provider fails").partition(f"| {title} … |")[2].partition("\n\n")[0]
    return {
        found["what"]: Expected(
            found["status"],
            found["error"] or "",
            timedelta(seconds=int(found["again"])) if found["again"] else None,
            found["end"],
            int(found["attempts"]),
        )
        for found in ROW.finditer(text)
    }


def assert_comes_to(expected: Expected, row: NotificationLog, fault: Callable[[], object]) -> None:
    """Send `row` while `fault` happens each time, until nothing more happens."""
    before = timezone.now()
    attempt(row, fault)
    assert (row.status, row.error) == (expected.status, expected.error)
    if expected.again is None:
        assert row.next_attempt_at is None
    else:
        assert row.next_attempt_at is not None
        wait = row.next_attempt_at - before
        assert expected.again * (1 - JITTER) <= wait <= expected.again * (1 + JITTER) + timedelta(seconds=5)
    while row.status == PENDING and not ChannelCircuit.objects.exists():
        make_due(row)
        attempt(row, fault)
    assert (row.status, row.attempts) == (expected.end, expected.attempts)


def attempt(row: NotificationLog, fault: Callable[[], object]) -> None:
    """One attempt; a fault may have something to do afterwards."""
    afterwards = fault()
    drain(row.notification_type)
    if callable(afterwards):
        afterwards()
    row.refresh_from_db()
