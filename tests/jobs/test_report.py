"""How far a job is, as its owner is told: often enough to see it move, and not more."""

from datetime import datetime

import pytest

from core.actions import jobs
from core.jobs import run as runs
from core.jobs.run import Run
from core.models import JobRun, User
from tests.jobs.conftest import Does
from tests.jobs.support import DONE, begun, progress_told, worked_off


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    found = Clock()
    monkeypatch.setattr(runs, "monotonic", found)
    return found


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_at_most_four_reports_a_second_are_written_down(
    does: Does, ada: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    report = jobs.report

    def listened(*, job: JobRun, progress: int, message: str) -> None:
        written.append(progress)
        report(job=job, progress=progress, message=message)

    def kind(run: Run) -> runs.Outcome:
        for done in range(256):  # two seconds
            clock.now += 1 / 128
            run.report(done, 256)
        return DONE

    monkeypatch.setattr(jobs, "report", listened)
    does(kind)
    job = worked_off(begun(ada))
    assert written == [0, 12, 25, 37, 50, 62, 75, 87]
    assert progress_told(ada) == {job.pk: 100}


@pytest.mark.parametrize(("done", "total", "progress"), [(0, 0, 0), (1, 3, 33), (3, 3, 99), (9, 3, 99)])
def test_a_hundred_says_that_it_has_ended(does: Does, ada: User, done: int, total: int, progress: int) -> None:
    def kind(run: Run) -> runs.Outcome:
        run.report(done, total, "x" * 400)
        run.job.refresh_from_db()
        assert (run.job.progress, run.job.message) == (progress, "x" * 300)
        assert progress_told(ada) == {run.job.pk: progress}
        return DONE

    does(kind)
    assert worked_off(begun(ada)).status == JobRun.Status.SUCCEEDED


def test_a_report_and_a_kept_cursor_renew_the_lease(does: Does, ada: User) -> None:
    def kind(run: Run) -> runs.Outcome:
        leases = [lease(run)]
        run.keep({"next": 1})
        leases.append(lease(run))
        run.report(1, 2)
        leases.append(lease(run))
        assert leases == sorted(set(leases))
        return DONE

    does(kind)
    assert worked_off(begun(ada)).status == JobRun.Status.SUCCEEDED


def lease(run: Run) -> datetime:
    found = JobRun.objects.get(pk=run.job.pk).lease_until
    assert found
    return found
