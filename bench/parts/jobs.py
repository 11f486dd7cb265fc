"""What jobs cost beside what they do: progress that 50 of one person write, and a bulk action beside its bare verb."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from statistics import median

from django.db import connection

from bench.people import person
from bench.results import Row
from bench.timing import seconds
from bench.world import analyze, waiting_for_the_disk
from core.actions import jobs, tickets
from core.jobs.run import APART
from core.jobs.runner import work
from core.models import JobRun, Role, StateValue, User
from core.notifications import state

WRITERS, SECONDS = state.MOST_TASKS, 4
TICKETS, ROUNDS = 100, 3
WORDS = {"title": "Checkout shows a blank page", "description": "Since this morning."}


def measure() -> list[Row]:
    admin, dan, cleo = person("ada", Role.ADMIN), person("dan", Role.DEVELOPER), person("cleo", Role.CLIENT)
    with waiting_for_the_disk():
        row = writing(admin)
    return [row, assigning(admin, dan, cleo)]


def writing(owner: User) -> Row:
    """Reports a second of as many tasks as one person is shown. Nobody's entry may be lost."""
    begin = time.monotonic() + 1
    with ThreadPoolExecutor(WRITERS) as threads:
        made = sum(threads.map(partial(one_writer, owner, begin), range(WRITERS)))
    shown = {task["task_id"] for task in StateValue.objects.get(user=owner, name=state.TASK_PROGRESS).data}
    if shown != set(range(WRITERS)):
        raise RuntimeError(f"Of {WRITERS} tasks only these are shown: {shown}")
    what = f"{WRITERS} tasks of one person report their progress at the same time"
    return Row(what, "/s", made / SECONDS, None, WRITERS / APART, at_most=False)


def one_writer(owner: User, begin: float, task: int) -> int:
    connection.ensure_connection()
    time.sleep(max(begin - time.monotonic(), 0))
    for made in count():
        if made and time.monotonic() >= begin + SECONDS:
            break
        state.report_progress(owner.pk, task, made % state.DONE)
    connection.close()
    return made


def assigning(admin: User, dan: User, cleo: User) -> Row:
    """Tickets a second: as one job, and by the verb alone."""
    made = [[tickets.create(actor=cleo, **WORDS).pk for _ in range(TICKETS)] for _ in range(2 * (ROUNDS + 1))]
    analyze()
    rounds = [
        (seconds(partial(by_job, admin, dan, few)), seconds(partial(by_verb, admin, dan, others)))
        for few, others in zip(made[::2], made[1::2], strict=True)
    ]
    ours, bare = (TICKETS / median(times) for times in zip(*rounds[1:], strict=True))  # the first loads what is new
    what = "a bulk action assigns a developer"
    return Row(what, "tickets/s", ours, bare, 0.5, at_most=False, against="the verb alone")


def by_job(admin: User, dan: User, ids: list[int]) -> None:
    params = {"ids": ids, "action": "assign", "data": {"assigned_to": [dan.pk]}}
    job = jobs.start(owner=admin, name="bulk", params=params)
    work()
    message = JobRun.objects.get(pk=job.pk).message
    if message != f"{TICKETS} done, 0 refused":
        raise RuntimeError(message)


def by_verb(admin: User, dan: User, ids: list[int]) -> None:
    for key in ids:
        tickets.assign(actor=admin, ticket_id=key, assigned_to=[dan.pk])
