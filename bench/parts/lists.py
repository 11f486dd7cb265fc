"""A page of 20 tickets, and a page of 20 of an inbox."""

from functools import partial

from bench.client import Client, access
from bench.people import person, three_admins
from bench.results import Row
from bench.timing import paired
from bench.world import analyze, product
from core.actions import tickets
from core.models import Role

PAGES = [
    ("page of 20 tickets", "/api/tickets/", "/bare/tickets/"),
    ("page of 20 of the inbox", "/api/notifications/", "/bare/notifications/"),
]


def measure() -> list[Row]:
    admin, *_ = three_admins()
    cleo, dan = person("cleo", Role.CLIENT), person("dan", Role.DEVELOPER)
    for number in range(60):
        made = tickets.create(actor=cleo, title=f"Ticket {number}", description="It is broken.", tags=["shop", "web"])
        tickets.assign(actor=admin, ticket_id=made.pk, assigned_to=[dan.pk])
    analyze()
    with product() as server:
        client = Client(server.port, access(admin))
        return [
            Row(
                what,
                "ms",
                *paired(partial(client.call, "GET", ours), partial(client.call, "GET", bare), 200),
                1.3,
                against="bare DRF list",
            )
            for what, ours, bare in PAGES
        ]
