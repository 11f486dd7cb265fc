"""An inbox as its person sees it; after every call the counts must be those of the rows."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actions import tickets
from core.models import Feed, NotificationLog, Ticket, User
from core.models.notification import SYSTEM
from core.notifications.positions import fold_all
from tests.conftest import hush
from tests.openapi import ApiClient

URL = "/api/notifications/"
TYPES = {"SYSTEM", "EMAIL", "WHATSAPP"}


def not_yet() -> None:
    """Folding has to wait."""


FOLDING: list[Callable[[], None]] = [not_yet, fold_all]  # before and after, what is seen is the same


class Inbox:
    def __init__(self, client: ApiClient, user: User) -> None:
        self.client, self.user = client, user

    def get(self, path: str = "", *, status: int = 200, **headers: Any) -> Any:
        return self._body(self.client.get(URL + path, **headers), status)

    def post(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        return self._body(self.client.post(URL + path, body), status)

    def _body(self, response: Any, status: int) -> Any:
        assert response.status_code == status, response.content
        assert_counts_are_those_of_the_rows()
        return response.json()

    def ids(self, query: str = "") -> list[int]:
        return [row["id"] for row in self.get(query)["results"]]

    def read_by_the_api(self) -> dict[int, bool]:
        """Whether each notification is read, as the list shows it."""
        return {row["id"]: row["is_read"] for row in self.get("?page_size=100")["results"]}

    def tell(self, number: int = 1) -> list[Ticket]:
        """So many new tickets of Cleo's: an admin is told of each."""
        cleo = User.objects.get(username="cleo")
        made = [tickets.create(actor=cleo, title=f"Ticket {n}", description="It broke.") for n in range(number)]
        for ticket in made:
            hush(ticket.pk)
        return made


InboxOf = Callable[[User], Inbox]


def assert_counts_are_those_of_the_rows() -> None:
    """Unread ⇔ not is_read and unread_seq > read_up_to; positions rise; the rows of a notification agree."""
    for feed in Feed.objects.all():
        rows = list(NotificationLog.objects.filter(recipient=feed.pk).order_by("pk"))
        unread = [row for row in rows if not row.is_read and row.unread_seq > feed.read_up_to]
        recount = Counter((row.notification_type, row.event) for row in unread)
        assert recount == {(key, event): n for key, events in feed.unread.items() for event, n in events.items()}
        if feed.counted_seq == feed.top_seq:
            shown = [row for row in rows if row.notification_type == SYSTEM and not row.is_archived]
            assert feed.inbox_count == len(shown)
        seqs = [row.seq for row in rows if row.notification_type == SYSTEM]
        assert seqs == sorted(set(seqs))
        assert max([feed.read_up_to, feed.folded_up_to, *(row.changed_seq for row in rows)]) <= feed.top_seq
        assert all(row.seq <= row.unread_seq <= row.changed_seq for row in rows)
        assert all(row.is_read == (row.read_at is not None) for row in rows)
        states = {
            (row.notification, row.seq, row.changed_seq, row.unread_seq, row.is_read, row.read_at, row.is_archived)
            for row in rows
        }
        assert len(states) == len(seqs)


def rows_of(notification_id: int) -> list[NotificationLog]:
    """The rows of all channels of this notification."""
    key = NotificationLog.objects.get(pk=notification_id).notification
    return list(NotificationLog.objects.filter(notification=key).order_by("pk"))


def state() -> list[Any]:
    """All that reading can change."""
    feeds, rows = Feed.objects.order_by("pk").values(), NotificationLog.objects.order_by("pk").values()
    return [*feeds, *rows]


def queries(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert call().status_code == 200
    return len(captured)


def assert_only(client: ApiClient, path: str, allowed: str) -> None:
    """Every method but this one is 405 and changes nothing."""
    before = state()
    for method in {"get", "post", "put", "patch", "delete"} - {allowed}:
        response = getattr(client, method)(URL + path)
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert state() == before


def assert_refuses_strangers(stranger: ApiClient, method: str, path: str) -> None:
    """Who is not signed in, or no more, gets 401 and changes nothing."""
    before = state()
    for header in ({}, {"HTTP_AUTHORIZATION": "Bearer x"}):
        response = getattr(stranger, method)(URL + path, **header)
        assert response.status_code == 401
        assert set(response.json()) == {"detail", "code"}
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert state() == before
