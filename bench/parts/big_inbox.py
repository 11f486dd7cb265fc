"""Unread count and pages of an inbox in a table of a million rows, the unread ones newest or oldest."""

from functools import partial

from bench.big import COUNT, PAGE, fill
from bench.client import Client, access
from bench.people import person
from bench.results import Row
from bench.timing import paired
from bench.world import copy_database, database, product
from core.models import Feed, NotificationLog, Role, User
from core.models.notification import SYSTEM
from core.notifications import deliveries, feed

SMALL, BIG = 1_000, 1_000_000
PATHS = {
    "unread_count": "/api/notifications/unread_count/",
    "inbox page": "/api/notifications/",
    "page of the unread": "/api/notifications/unread/",
}


def measure() -> list[Row]:
    people = [person(name, Role.ADMIN, number) for number, name in enumerate(["newest", "oldest", "others"])]
    Feed.objects.bulk_create(Feed(user=user) for user in people)
    tokens = {user.username: access(user) for user in people[:2]}
    small = copy_database("bench_small")
    ids = [user.pk for user in people]
    for name, size in (("", BIG), ("bench_small", SMALL)):
        with database(name) as server:
            fill(server, ids, size)
    rows = [row for user in people[:2] for row in beside_raw_sql(user)]
    with product() as big, product(**small) as little:
        for name, token in tokens.items():
            rows += beside_few(name, Client(big.port, token), Client(little.port, token))
    return rows


def beside_few(name: str, there: Client, here: Client) -> list[Row]:
    """The endpoints in a table of a million rows and of a thousand."""
    return [
        Row(
            f"{what} over HTTP, a million rows, unread are the {name}",
            "ms",
            *paired(partial(there.call, "GET", path), partial(here.call, "GET", path), 100),
            1.3,
            against="a thousand rows",
        )
        for what, path in PATHS.items()
    ]


def beside_raw_sql(user: User) -> list[Row]:
    """What the endpoints ask of the database and make of it, beside hand-written SQL for the same."""
    with database() as server:

        def raw(sql: str) -> list[tuple[object, ...]]:
            return server.execute(sql.encode(), {"user": user.pk}).fetchall()

        count = paired(lambda: feed.unread_count(feed.read(user.pk)), lambda: raw(COUNT), 100)
        page = paired(lambda: unread_page(user.pk), lambda: raw(PAGE), 100)
    where = f"of 20,000 in a million rows, unread are the {user.username}"
    return [
        Row(f"unread count {where}", "ms", *count, 3, against="raw SQL"),
        Row(f"page of unread {where}", "ms", *page, 3, against="raw SQL"),
    ]


def unread_page(user_id: int) -> list[NotificationLog]:
    own = feed.read(user_id)
    unread = NotificationLog.objects.filter(
        recipient=user_id, notification_type=SYSTEM, is_archived=False, is_read=False, unread_seq__gt=own.read_up_to
    )
    return deliveries.in_inbox(own, list(unread.order_by("-id")[:20]))
