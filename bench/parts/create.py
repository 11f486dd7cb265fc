"""Creating a ticket that tells three admins on three channels."""

import os

from bench.client import Client, access
from bench.people import person, three_admins
from bench.results import Row
from bench.timing import paired
from bench.world import product
from core.models import NotificationLog, Role

TICKET = {"title": "Checkout shows a blank page", "description": "Since this morning.", "priority": "HIGH"}


def measure() -> list[Row]:
    three_admins()
    rounds = int(os.environ.get("BENCH_ROUNDS", "500"))
    with product() as server:
        client = Client(server.port, access(person("cleo", Role.CLIENT, 1)))
        ours, bare = paired(
            lambda: client.call("POST", "/api/tickets/", TICKET),
            lambda: client.call("POST", "/bare/tickets/", TICKET),
            rounds,
        )
    if NotificationLog.objects.count() < 9 * rounds:
        raise RuntimeError("Not everybody was told.")
    return [Row("create a ticket, 3 admins told on 3 channels", "ms", ours, bare, 1.9, against="bare DRF create")]
