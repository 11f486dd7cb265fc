"""`python -m tests.jobs.worker`: a worker whose job hangs in its fourth row, until somebody kills it."""

import time

import django

django.setup()

from core.jobs import runner  # noqa: E402 - needs the applications
from core.jobs.kinds import KINDS  # noqa: E402
from core.jobs.run import Outcome, Run  # noqa: E402
from tests.jobs.support import NAME, count_rows  # noqa: E402


def hang(row: int) -> None:
    if row == 3:
        time.sleep(600)


def kind(run: Run) -> Outcome:
    return count_rows(run, 10, hang)


if __name__ == "__main__":
    KINDS[NAME] = kind
    runner.work()
