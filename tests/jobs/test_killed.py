"""A worker is killed in the middle of a job: another goes on behind its last row."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from core.models import JobRow, JobRun, User
from tests.jobs.conftest import Does
from tests.jobs.support import abandon, begun, count_rows, worked_off
from tests.notifications.support import wait_until
from tests.stack import stack

BASE = Path(__file__).resolve().parent.parent.parent


def database_of_the_tests() -> str:
    name = str(connection.settings_dict["NAME"])
    url = os.environ["DATABASE_URL"]
    return f"sqlite:///{name}" if stack() == "embedded" else f"{url.rpartition('/')[0]}/{name}"


@pytest.mark.django_db(transaction=True)
def test_no_row_is_done_twice_and_none_is_left_out(does: Does, ada: User) -> None:
    job = begun(ada)
    environment = os.environ | {
        "DATABASE_URL": database_of_the_tests(),
        "DJANGO_SETTINGS_MODULE": "Management.settings",
    }
    worker = subprocess.Popen([sys.executable, "-m", "tests.jobs.worker"], cwd=BASE, env=environment)
    try:
        wait_until(lambda: JobRow.objects.filter(job=job, position=3).exists(), within=20)
    finally:
        worker.kill()
        worker.wait(5)
    done: list[int] = []
    does(lambda run: count_rows(run, 10, done.append))
    assert (worked_off(job).status, job.attempts) == (JobRun.Status.RUNNING, 1)  # its lease has not ended
    abandon(job)
    assert worked_off(job).status == JobRun.Status.SUCCEEDED
    assert done == [4, 5, 6, 7, 8, 9]
    assert (job.rows.count(), job.message) == (10, "10 rows")
