"""What it costs that everybody's feed gives out its positions one after the other: tickets raised at the same time."""

import logging
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from itertools import count
from multiprocessing import get_context
from statistics import median
from unittest.mock import patch

import django
from django.db import connection

from bench.people import person
from bench.results import Row
from bench.world import analyze, database, waiting_for_the_disk
from core.actions import tickets
from core.models import Feed, NotificationLog, Role, User
from core.notifications import arrivals, positions, rows
from core.notifications.statements import Statement

ADMINS, PROCESSES, THREADS = 20, 10, 5
SECONDS, ROUNDS = 4, 5
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"

numbers = count()


def measure() -> list[Row]:
    people = [person(f"admin{number}", Role.ADMIN) for number in range(ADMINS)]
    people += [person(f"client{number}", Role.CLIENT) for number in range(PROCESSES * THREADS)]
    Feed.objects.bulk_create(Feed(user=user) for user in people)
    connection.close()
    rates: dict[bool, list[float]] = {True: [], False: []}
    with (
        waiting_for_the_disk(),
        ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"), initializer=django.setup) as pool,
    ):
        together(pool, with_positions=True)  # everything imported, statements planned
        analyze()
        for _ in range(ROUNDS):
            for with_positions, found in rates.items():
                found.append(together(pool, with_positions=with_positions))
    with database() as server:
        found_deadlocks = server.execute(DEADLOCKS).fetchone()
    what = f"{PROCESSES * THREADS} people raise tickets at the same time, {ADMINS} admins told"
    return [
        Row(what, "/s", median(rates[True]), median(rates[False]), 0.7, at_most=False, against="without positions"),
        Row(f"{what}, deadlocks", "", found_deadlocks[0] if found_deadlocks else 0, None, 0),
    ]


def together(pool: ProcessPoolExecutor, *, with_positions: bool) -> float:
    """Tickets a second of all processes."""
    begin = time.monotonic() + 1
    work = [pool.submit(one_process, number, begin, with_positions) for number in range(PROCESSES)]
    made = sum(one.result() for one in work)
    return made / SECONDS


def one_process(number: int, begin: float, with_positions: bool) -> int:
    """How many tickets the clients of one process raise in SECONDS, each in a thread of its own."""
    # Where every thread is busy some pushes come too late, with positions and without; nobody listens here anyway.
    logging.getLogger("core.notifications.publish").setLevel(logging.ERROR)
    clients = list(User.objects.filter(role=Role.CLIENT).order_by("pk")[number * THREADS : (number + 1) * THREADS])
    connection.close()
    with nullcontext() if with_positions else without_positions(), ThreadPoolExecutor(THREADS) as threads:
        return sum(threads.map(one_client, clients, [begin] * THREADS))


def one_client(client: User, begin: float) -> int:
    connection.ensure_connection()
    time.sleep(max(begin - time.monotonic(), 0))
    for made in count():  # noqa: B007 - it is the answer
        if time.monotonic() >= begin + SECONDS:
            break
        tickets.create(actor=client, title="Checkout shows a blank page", description="Since this morning.")
    connection.close()
    return made


@contextmanager
def without_positions() -> Iterator[None]:
    """Rows get any number that is not taken, and no feed is locked or written."""
    insert = rows.insert

    def numbered(found: list[NotificationLog]) -> Statement:
        sql, values = insert(found)
        seq = os.getpid() * 1_000_000_000 + next(numbers)
        return sql.replace("JOIN core_feed", f"JOIN (SELECT user_id, {seq} AS top_seq FROM core_feed) AS feed"), values

    with ExitStack() as patches:
        patches.enter_context(patch.object(rows, "insert", numbered))
        patches.enter_context(patch.object(positions, "locking", lambda _user_ids: ("SELECT 1", [])))
        patches.enter_context(patch.object(arrivals, "come", lambda _rows: []))
        yield
