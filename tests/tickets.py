"""What tests of tickets share: their calls, what they leave behind, and what all of them refuse."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.db.models.options import Options
from django.test.utils import CaptureQueriesContext

from core.actions import tickets
from core.models import (
    Assignment,
    Attachment,
    Comment,
    Feed,
    Mute,
    NotificationLog,
    Role,
    Status,
    Tag,
    Ticket,
    TicketHistory,
    User,
    Watch,
)
from core.notifications import registry
from tests.conftest import MakeTicket, hush
from tests.openapi import ApiClient, PlainClient

Api = Callable[[User], ApiClient]
URL = "/api/tickets/"
NOBODY_SEES = 999_999
ALWAYS = ["add_comment", "watch", "unwatch", "mute", "unmute"]  # what everybody may do who sees a ticket
REQUIRED = ["This field is required."]
NOT_ACCEPTED = ["This field is not accepted here."]
CONTENTS: list[type[Model]] = [
    Ticket,
    Ticket.tags.through,
    Tag,
    Assignment,
    Attachment,
    Watch,
    Mute,
    TicketHistory,
    Comment,
    NotificationLog,
    Feed,
]
WRONG: dict[str, list[Any]] = {
    "title": ["", "   ", "\n", "\u200b", "\u3164 \ufe0f", None, "a\0b", ["x"], {}, "x" * 201],
    "description": ["", "   ", "\n", "\u200b\u202e", None, "a\0b", ["x"], {}, "x" * 20_001],
    "project_name": ["\u2060", None, "a\0b", ["x"], {}, "x" * 121],
    "category": ["", None, "bug", "WISH", 1, [], {}],
    "priority": ["", None, "high", "URGENT", 1, [], {}],
    "tags": [
        *(None, "bug", {}, [""], ["  "], ["\u2060"], [None], [["x"]], ["a\0b"], ["x" * 41]),
        [str(n) for n in range(21)],
        ["İ" * 40],  # 80 in lower case
    ],
}
WRONG_WORDS = [(field, wrong) for field, values in WRONG.items() for wrong in values]


def url(ticket: Ticket | int, what: str = "") -> str:
    key = ticket if isinstance(ticket, int) else ticket.pk
    return f"{URL}{key}/{what}/" if what else f"{URL}{key}/"


def unchecked(client: ApiClient) -> PlainClient:
    """The same person, sending what the schema does not promise to take, such as texts that are trimmed to fit."""
    plain = PlainClient()
    plain.credentials(**client._credentials)  # type: ignore[attr-defined]  # unknown to the stubs
    return plain


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row that a verb might touch. Asked without the ORM: there are thousands of refusals."""
    with connection.cursor() as cursor:
        return {model.__name__: rows(cursor, model._meta) for model in CONTENTS}


def rows(cursor: CursorWrapper, table: Options[Model]) -> list[tuple[Any, ...]]:
    cursor.execute(f'SELECT * FROM "{table.db_table}" ORDER BY "{table.pk.column}"')
    return list(cursor.fetchall())


def refused(code: int, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """The body of the refusal, which left not a trace: no row, no history, no notification, no version."""
    before = everything()
    response = call(*arguments, **options)
    assert response.status_code == code, response.content
    assert everything() == before
    return response.json()


@contextmanager
def tells(*people: tuple[User, str, str]) -> Iterator[None]:
    """Inside, exactly these `(person, event, reason)` are told, each once on every channel."""
    last = NotificationLog.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    yield
    rows = NotificationLog.objects.filter(pk__gt=last)
    told = Counter(rows.values_list("recipient__username", "event", "reason", "notification_type"))
    assert told == Counter((user.username, *why, key) for user, *why in people for key in registry.channels())


def last_history(ticket: Ticket) -> TicketHistory:
    """The newest history row, which is of the ticket's version."""
    ticket.refresh_from_db()
    row = ticket.history.order_by("-pk")[0]
    assert (row.version, row.to_status) == (ticket.version, ticket.status)
    assert ticket.history.count() == ticket.version
    return row


def assert_recorded(ticket: Ticket, *facts: object, **details: object) -> TicketHistory:
    """The newest history row says `(actor, action, from, to)`, and of the ticket as it was before, one version more."""
    version = ticket.version
    row = last_history(ticket)
    assert (row.actor, row.action, row.from_status, row.to_status) == facts
    assert {name: getattr(row, name) for name in details} == details
    assert (ticket.version, ticket.updated_at) == (version + 1, row.created_at)
    return row


def in_status(make_ticket: MakeTicket, status: Status, dan: User) -> Ticket:
    """Cleo's ticket with Dan on it, in any status; also while it is NEW, as no verb would have it."""
    way = {Status.NEW: Status.NEW, Status.ON_HOLD: Status.IN_PROGRESS, Status.CANCELLED: Status.OPEN}
    ticket = make_ticket(way.get(status, status), assigned_to=[] if status == Status.NEW else [dan])
    if status == Status.NEW:
        Assignment.objects.create(ticket=ticket, user=dan, assigned_by=dan, assigned_at=ticket.created_at)
    if status == Status.ON_HOLD:
        tickets.hold(actor=dan, ticket_id=ticket.pk, comment="Waiting for the vendor.")
    if status == Status.CANCELLED:
        tickets.cancel(actor=User.objects.get(username="ada"), ticket_id=ticket.pk, comment="Raised by mistake.")
    hush(ticket.pk)
    return Ticket.objects.get(pk=ticket.pk)


def newcomers(role: Role, many: int, *, name: str = "someone") -> list[User]:
    """`many` people of a role."""
    people = [
        User(username=f"{name}{number}", email=f"{name}{number}@example.com", role=role) for number in range(many)
    ]
    User.objects.bulk_create(people)
    return list(User.objects.filter(username__in=[user.username for user in people]).order_by("pk"))


def queries(call: Callable[[], Any]) -> int:
    """How many queries a call takes that succeeds. An INSERT in parts, as SQLite takes it, counts once there."""
    with CaptureQueriesContext(connection) as captured:
        answer = call()
    assert answer.status_code in {200, 201, 202}, (answer.request["PATH_INFO"], answer.content)
    heads = [query["sql"].partition("(")[0] for query in captured]
    runs = sum(connection.vendor == "sqlite" and a == b and a.startswith("INSERT") for a, b in pairwise(heads))
    return len(heads) - runs
