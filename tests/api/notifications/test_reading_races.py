"""Marking all as read at the moment when something new arrives: what is new stays unread, wherever one looks."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from core.actions import tickets
from core.models import Feed, NotificationLog, User
from core.models.notification import SYSTEM
from tests.api.notifications.inbox import URL, Inbox

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, LISTED_EVERY = 100, 10


@pytest.fixture
def somebody_else() -> Iterator[ThreadPoolExecutor]:
    """The thread of another request, with a connection of its own."""
    with ThreadPoolExecutor(1) as threads:
        yield threads
        threads.submit(connections.close_all).result()


def test_what_arrives_while_all_is_marked_as_read_stays_unread(
    inbox: Inbox, ada: User, cleo: User, somebody_else: ThreadPoolExecutor
) -> None:
    """Every other time the client says what it has seen: then what is new is unread whoever comes first."""
    api, seen, left = inbox.client, 0, 0
    shown: dict[int, bool] = {}  # whether each is read, on a device that asks for changes
    for number in range(ROUNDS):
        arriving = somebody_else.submit(tickets.create, actor=cleo, title=f"Ticket {number}", description="It broke.")
        up_to = f"?up_to_seq={seen}" if number % 2 else ""
        assert api.post(f"{URL}mark_all_as_read/{up_to}").status_code == 200
        arriving.result()
        read = read_in_database(ada)
        assert not (up_to and read[max(read)])
        left += not read[max(read)]
        changed = api.get(f"{URL}changes/?since={seen}").json()
        shown |= {one["id"]: one["is_read"] for one in changed["results"]}
        assert shown == read
        seen, unread = changed["seq"], list(read.values()).count(False)
        assert changed["unread_count"] == unread
        if number % LISTED_EVERY == 0:
            assert api.get(f"{URL}unread_count/").json()["count"] == unread
            assert inbox.read_by_the_api() == dict(sorted(read.items())[-100:])
            assert set(inbox.ids("unread/?page_size=100")) == {key for key, is_read in read.items() if not is_read}
    assert left >= ROUNDS / 2


def read_in_database(user: User) -> dict[int, bool]:
    """Whether each is read: as its row says, or because it arrived before the position of the last read-all."""
    read_up_to = Feed.objects.get(user=user).read_up_to
    rows = NotificationLog.objects.filter(recipient=user, notification_type=SYSTEM)
    return {row.pk: row.is_read or row.unread_seq <= read_up_to for row in rows}
