"""Whether a change of a ticket costs more when there are many tickets."""

from itertools import count

from bench.client import Client, access
from bench.people import person
from bench.results import Row
from bench.timing import paired
from bench.world import copy_database, database, product
from core.actions import tickets
from core.models import Role

TICKETS = """
    INSERT INTO core_ticket (title, description, project_name, category, priority, status, created_by_id,
                             created_at, updated_at, version)
    SELECT 'Ticket ' || number, 'It is broken.', '', 'OTHER', 'MEDIUM', 'NEW', %s, now(), now(), 1
    FROM generate_series(1, %s) number
"""


def measure() -> list[Row]:
    cleo, token = person("cleo", Role.CLIENT), access(person("ada", Role.ADMIN))
    path = f"/api/tickets/{tickets.create(actor=cleo, title='A ticket', description='It is broken.').pk}/"
    many = copy_database("bench_many")
    for name, number in (("", 1_000), ("bench_many", 50_000)):
        with database(name) as server:
            server.execute(TICKETS, (cleo.pk, number))
            server.execute("VACUUM ANALYZE")
    titles = (f"Title {number}" for number in count())
    with product(**many) as crowded, product() as empty:
        there, here = Client(crowded.port, token), Client(empty.port, token)
        ours, reference = paired(
            lambda: there.call("PATCH", path, {"title": next(titles)}),
            lambda: here.call("PATCH", path, {"title": next(titles)}),
            300,
        )
    return [Row("change a ticket among 50,000", "ms", ours, reference, 1.2, against="among 1,000")]
