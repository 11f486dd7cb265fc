"""Early pytest plugin: where coverage is measured. Measuring costs as much as what is measured.

A line is covered when a test that is about it runs it. So what reaches lines without saying what they are for is not
measured; what runs the same lines on both stacks is measured once, with the embedded one; and of a test with many
cases, which run the same lines, some.
"""

import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from coverage import Coverage

from tests.stack import stack, stands_in

# With the embedded stack everything but what plays whole stories, draws calls at random, or tries all there are.
STORIES = ("bench/", "end_to_end/", "fuzz/", "machine/", "matrix/", "sockets/test_server.py")
# With the distributed one what is about lines that need PostgreSQL, Redis or several processes.
DISTRIBUTED = (
    "api/auth/test_login_throttle.py",
    "api/test_idempotency.py",
    "api/tickets/test_search.py",
    "end_to_end/test_serve.py",
    "end_to_end/test_stack.py",
    "management/",
)
MOST_CASES = 2  # of one test
PROCESSES = "COVERAGE_PROCESS_CONFIG"  # makes coverage.py measure the processes that a test starts


_cases: Counter[str] = Counter()  # that have run, by test


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    if not Coverage.current() or measured(item):
        return (yield)
    here, threads, processes = sys.gettrace(), threading.gettrace(), os.environ.pop(PROCESSES)
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        os.environ[PROCESSES] = processes
        threading.settrace(threads)
        sys.settrace(here)


def measured(item: pytest.Item) -> bool:
    test = item.nodeid.partition("[")[0]
    _cases[test] += 1
    if _cases[test] > MOST_CASES:
        return False
    return stands_in(item, DISTRIBUTED) if stack() == "distributed" else not stands_in(item, STORIES)
