"""Unread count and pages of an inbox in a table of a million rows, the unread ones newest or oldest."""

from functools import partial

from bench.big import fill
from bench.client import Client, access
from bench.people import person
from bench.results import Row
from bench.timing import paired
from bench.world import copy_database, database, product
from core.models import Feed, Role

SMALL, BIG = 1_000, 1_000_000
PATHS = {
    "unread_count": "/api/notifications/unread_count/",
    "inbox page": "/api/notifications/",
    "page of the unread": "/api/notifications/unread/",
}
RAW = {"unread_count": "/bare/raw/unread_count/", "page of the unread": "/bare/raw/unread/"}


def measure() -> list[Row]:
    people = [person(name, Role.ADMIN) for name in ["newest", "oldest", "others"]]
    Feed.objects.bulk_create(Feed(user=user) for user in people)
    tokens = {user.username: access(user) for user in people[:2]}
    small = copy_database("bench_small")
    ids = [user.pk for user in people]
    for name, size in (("", BIG), ("bench_small", SMALL)):
        with database(name) as server:
            fill(server, ids, size)
    rows: list[Row] = []
    with product() as big, product(**small) as little:
        for name, token in tokens.items():
            there = Client(big.port, token)
            rows += beside_raw_sql(name, there) + beside_few(name, there, Client(little.port, token))
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


def beside_raw_sql(name: str, client: Client) -> list[Row]:
    """The endpoints beside bare views that sign in alike and answer the same by hand-written SQL."""
    return [
        Row(
            f"{what} over HTTP, a million rows, 20,000 unread are the {name}",
            "ms",
            *paired(partial(client.call, "GET", PATHS[what]), partial(client.call, "GET", raw), 100),
            3,
            against="raw SQL",
        )
        for what, raw in RAW.items()
    ]
