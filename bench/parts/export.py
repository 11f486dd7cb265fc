"""Exporting 100,000 tickets as a worker does it: how fast, and in how much memory."""

import resource
from functools import partial

from bench.people import person
from bench.results import Row
from bench.timing import seconds
from bench.world import database
from core.actions import jobs
from core.jobs.runner import work
from core.models import JobRun, Role, Tag, User

SIZE = 100_000
GOALS = {"csv": 5_000, "xlsx": 2_000}  # rows a second
TICKETS = """
    INSERT INTO core_ticket (title, description, project_name, category, priority, status, created_by_id,
                             created_at, updated_at, version)
    SELECT 'Ticket ' || number, repeat('Since this morning it is broken. ', 10), 'shop', 'BUG', 'HIGH', 'NEW', %s,
           now(), now(), 1
    FROM generate_series(1, %s) number
"""
PEOPLE = """
    INSERT INTO core_assignment (ticket_id, user_id, assigned_by_id, assigned_at)
    SELECT id, %s, %s, now() FROM core_ticket
"""
TAGS = "INSERT INTO core_ticket_tags (ticket_id, tag_id) SELECT id, %s FROM core_ticket"


def measure() -> list[Row]:
    admin, dan, cleo = person("ada", Role.ADMIN), person("dan", Role.DEVELOPER), person("cleo", Role.CLIENT)
    with database() as server:
        server.execute(TICKETS, (cleo.pk, SIZE))
        server.execute(PEOPLE, (dan.pk, admin.pk))
        for name in ("shop", "web"):
            server.execute(TAGS, (Tag.objects.create(name=name).pk,))
        server.execute("VACUUM ANALYZE")
    for kind in ("csv", "xlsx"):
        export(dan, kind, assigned_to=[str(admin.pk)])  # nothing, but what is loaded once is there then
    before = peak()
    rows = []
    for kind in ("csv", "xlsx"):
        took = seconds(partial(export, admin, kind))
        rows += [
            Row(f"export {SIZE:,} tickets, {kind}", "rows/s", SIZE / took, None, GOALS[kind], at_most=False),
            Row(f"memory that an export of {SIZE:,} adds, {kind}", "MB", peak() - before, None, 30),
        ]
    return rows


def export(owner: User, kind: str, **filters: list[str]) -> None:
    job = jobs.start(owner=owner, name="export", params={"format": kind, "filters": filters})
    work()
    if JobRun.objects.get(pk=job.pk).status != JobRun.Status.SUCCEEDED:
        raise RuntimeError("The export failed.")


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
