"""Creating a ticket that tells three admins on three channels."""

import os
from functools import partial

from bench.client import Client, access
from bench.people import person, three_admins
from bench.results import Row
from bench.timing import paired
from bench.world import analyze, product
from core.models import NotificationLog, Role

TICKET = {"title": "Checkout shows a blank page", "description": "Since this morning.", "priority": "HIGH"}


def measure() -> list[Row]:
    three_admins()
    rounds = int(os.environ.get("BENCH_ROUNDS", "500"))
    with product() as server:
        client = Client(server.port, access(person("cleo", Role.CLIENT)))
        here = partial(client.call, "POST", "/api/tickets/", TICKET)
        there = partial(client.call, "POST", "/bare/tickets/", TICKET)
        paired(here, there, 20)  # statistics of empty tables would be wrong at once
        analyze()
        ours, bare = paired(here, there, rounds)
    if NotificationLog.objects.count() < 9 * rounds:
        raise RuntimeError("Not everybody was told.")
    return [Row("create a ticket, 3 admins told on 3 channels", "ms", ours, bare, 1.9, against="bare DRF create")]
