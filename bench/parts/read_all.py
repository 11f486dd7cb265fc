"""Marking 20,000 notifications as read: by one position in the request, the rows are written afterwards."""

import json

from bench.big import fill
from bench.client import Client, access
from bench.people import person
from bench.results import Row
from bench.timing import paired
from bench.world import database, product
from core.models import Feed, Role

UNREAD, ROUNDS = 20_000, 100
SIZE = 50 * UNREAD  # bench.big: a tenth is one person's, a fifth of that is unread
AGAIN = """
    UPDATE core_feed SET read_up_to = 0, folded_up_to = 0, read_all_seq = 0, unread = %s WHERE user_id = %s
"""


def measure() -> list[Row]:
    people = [person(name, Role.ADMIN) for name in ["newest", "oldest", "others"]]
    Feed.objects.bulk_create(Feed(user=user) for user in people)
    token = access(people[0])
    unread = json.dumps({"SYSTEM": {"ticket_created": UNREAD}})
    with database() as server, product() as web:
        fill(server, [user.pk for user in people], SIZE)
        client = Client(web.port, token)

        def bare() -> None:
            client.call("POST", "/bare/nothing/")
            # Not of its time, but before every read-all: the rows themselves are still as they were.
            server.execute(AGAIN, (unread, people[0].pk))

        def ours() -> None:
            if client.call("POST", "/api/notifications/mark_all_as_read/")["count"] != UNREAD:
                raise RuntimeError("Not everything was marked as read.")

        mine, nothing = paired(ours, bare, ROUNDS)
    note = f"{mine:.2g} ms over HTTP; a bare view that answers nothing, with the same sign-in, takes {nothing:.2g}"
    return [Row(f"mark all of {UNREAD:,} as read: what it adds to a request", "ms", mine - nothing, None, 5, note=note)]
