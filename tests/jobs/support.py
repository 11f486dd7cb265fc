"""What the tests of jobs share: a kind of job that does as told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.actions import jobs
from core.jobs import runner
from core.jobs.run import Outcome, Run
from core.models import JobRun, StateValue, User

NAME = "test"
DONE = Outcome("Done.")
Kind = Callable[[Run], Outcome]


def begun(owner: User, **params: Any) -> JobRun:
    return jobs.start(owner=owner, name=NAME, params=params)


def worked_off(job: JobRun) -> JobRun:
    """The job after a worker has done all that is due."""
    runner.work()
    job.refresh_from_db()
    return job


def abandon(job: JobRun) -> None:
    """Its worker died, and the lease has ended since."""
    JobRun.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def progress_told(owner: User) -> dict[int, int]:
    (value,) = StateValue.objects.filter(user=owner, name="task_progress")
    return {task["task_id"]: task["progress"] for task in value.data}


def count_rows(run: Run, up_to: int, after_each: Callable[[int], object] = lambda row: None) -> Outcome:
    """One row after the other, each with its cursor in one transaction."""
    for row in range(run.cursor.get("next", 0), up_to):
        with transaction.atomic():
            run.keep({"next": row + 1})
            run.row(row, key=row * 10, is_done=True)
        after_each(row)
        run.report(row + 1, up_to, f"{row + 1} of {up_to} rows")
    return Outcome(f"{up_to} rows")
