"""From start to end: what a worker does with a job, whatever becomes of it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from celery.worker import state
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError

from core.actions import jobs
from core.domain.errors import Conflict
from core.jobs import results
from core.jobs.run import Outcome, Run
from core.models import JobRun, Role, User
from core.notifications import metrics
from tests.jobs.conftest import Does
from tests.jobs.support import NAME, abandon, begun, count_rows, progress_told, worked_off

Status = JobRun.Status


@pytest.fixture(autouse=True)
def _every_report_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.jobs.run.APART", 0)


def test_a_job_runs_once_and_says_what_came_of_it(does: Does, ada: User) -> None:
    runs = []

    def kind(run: Run) -> Outcome:
        runs.append((run.owner, run.params, run.cursor))
        run.report(1, 2, "half")
        assert progress_told(ada) == {run.job.pk: 50}
        return Outcome("All of it.")

    does(kind)
    job = begun(ada, what="that")
    assert (job.status, job.started_at) == (Status.PENDING, None)
    worked_off(worked_off(job))
    assert runs == [(ada, {"what": "that"}, {})]
    assert (job.status, job.progress, job.message, job.attempts) == (Status.SUCCEEDED, 100, "All of it.", 1)
    assert job.started_at
    assert job.finished_at
    assert job.expires_at == job.finished_at + timedelta(days=7)
    assert progress_told(ada) == {job.pk: 100}


def test_its_file_is_kept_under_a_name_that_nobody_guesses(does: Does, ada: User, storage: Path) -> None:
    def kind(run: Run) -> Outcome:
        (run.folder / "x").write_bytes(b"a,b\n" * 100_000)
        return Outcome("Written.", run.folder / "x", "all of it.csv", "text/csv")

    does(kind)
    job = worked_off(begun(ada))
    with job.result.open() as file:
        assert file.read() == b"a,b\n" * 100_000
    assert (job.result_name, job.result_type) == ("all of it.csv", "text/csv")
    assert len(Path(str(job.result)).name) == 32


def test_what_an_earlier_worker_has_stored_is_deleted(does: Does, ada: User, storage: Path) -> None:
    job = begun(ada)
    left = default_storage.save("jobs/left", ContentFile(b"by a worker that died"))
    JobRun.objects.filter(pk=job.pk).update(result=left)
    assert worked_off(job).result == ""
    assert not default_storage.exists(left)


def test_its_upload_is_there(does: Does, ada: User, storage: Path) -> None:
    def kind(run: Run) -> Outcome:
        with run.upload() as file:
            return Outcome(file.read().decode())

    does(kind)
    upload = ContentFile(b"title\nOne", name="../../etc/passwd")
    job = worked_off(jobs.start(owner=ada, name=NAME, params={}, upload=upload))
    assert (job.status, job.message) == (Status.SUCCEEDED, "title\nOne")
    assert str(job.upload).startswith("jobs/")


def test_an_error_of_ours_is_logged_and_never_shown(does: Does, ada: User, log_text: Callable[[], str]) -> None:
    def kind(run: Run) -> NoReturn:
        raise ZeroDivisionError("secret")

    does(kind)
    job = worked_off(begun(ada))
    assert job.status == Status.FAILED
    assert job.message == "Something went wrong on our side. What was done before that stays done."
    assert "ZeroDivisionError: secret" in log_text()
    assert progress_told(ada) == {job.pk: 100}


def test_what_is_refused_says_why(does: Does, ada: User, log_text: Callable[[], str]) -> None:
    def kind(run: Run) -> NoReturn:
        raise Conflict("The file has no title column.", code="no_title")

    does(kind)
    job = worked_off(begun(ada))
    assert (job.status, job.message) == (Status.FAILED, "The file has no title column.")
    assert "Traceback" not in log_text()


def test_one_that_is_cancelled_ends_at_its_next_report_and_keeps_what_it_did(does: Does, ada: User) -> None:
    def cancel_it(row: int) -> None:
        if row == 1:
            assert jobs.cancel(owner=ada, job_id=job.pk).status == Status.RUNNING

    job = begun(ada)
    does(lambda run: count_rows(run, 5, cancel_it))
    worked_off(job)
    assert (job.status, job.message, job.progress) == (Status.CANCELLED, "2 of 5 rows", 40)
    assert job.rows.count() == 2
    assert progress_told(ada) == {job.pk: 100}
    assert jobs.cancel(owner=ada, job_id=job.pk).finished_at == job.finished_at  # and again: nothing


def test_one_that_is_cancelled_while_it_waits_never_begins(ada: User) -> None:
    job = begun(ada)
    assert jobs.cancel(owner=ada, job_id=job.pk).status == Status.CANCELLED
    assert worked_off(job).started_at is None
    assert progress_told(ada) == {job.pk: 100}


def test_a_worker_that_ends_gives_it_back_and_the_next_goes_on(
    does: Does, ada: User, terminated: Callable[[], None]
) -> None:
    done: list[int] = []
    job = begun(ada)
    does(lambda run: count_rows(run, 5, lambda row: terminated() if row == 2 else None))
    worked_off(job)
    assert (job.status, job.cursor, job.attempts, job.token) == (Status.PENDING, {"next": 3}, 0, None)
    worked_off(job)  # a worker that is to end takes nothing
    assert job.status == Status.PENDING
    state.should_stop = None
    does(lambda run: count_rows(run, 5, done.append))
    assert worked_off(job).status == Status.SUCCEEDED
    assert done == [3, 4]
    assert list(job.rows.values_list("position", "key")) == [(row, row * 10) for row in range(5)]


def test_after_three_crashes_it_is_given_up(ada: User) -> None:
    job = begun(ada)
    for attempt in (1, 2, 3):
        claimed = jobs.claim([NAME])
        assert claimed
        assert claimed.attempts == attempt
        abandon(job)
    worked_off(job)
    assert job.status == Status.FAILED
    assert "crashed 3 times" in job.message


def test_who_lost_the_lease_writes_nothing_more(does: Does, ada: User, log_text: Callable[[], str]) -> None:
    def lose(row: int) -> None:
        abandon(job)
        assert jobs.claim([NAME])

    job = begun(ada)
    does(lambda run: count_rows(run, 5, lose))
    worked_off(job)
    assert (job.status, job.attempts, job.cursor) == (Status.RUNNING, 2, {"next": 1})
    assert "job_lost" in log_text()


def test_while_the_database_is_away_it_is_left_to_the_next(
    does: Does, ada: User, log_text: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def kind(run: Run) -> NoReturn:
        raise OperationalError("server closed the connection") from ConnectionError()

    does(kind)
    job = begun(ada)
    monkeypatch.setattr("core.jobs.runner.close_old_connections", lambda: None)  # it is the test's
    worked_off(job)
    assert (job.status, job.attempts) == (Status.RUNNING, 1)
    assert "database_unavailable" in log_text()
    abandon(job)
    does(lambda run: Outcome("Done."))
    assert worked_off(job).status == Status.SUCCEEDED


@pytest.mark.parametrize("changes", [{"is_active": False}, {"role": Role.CLIENT}])
def test_while_it_runs_its_owner_is_looked_at_again(does: Does, ada: User, changes: dict[str, object]) -> None:
    job = begun(ada)
    does(lambda run: count_rows(run, 5, lambda row: User.objects.filter(pk=ada.pk).update(**changes)))
    worked_off(job)
    assert (job.status, job.cursor) == (Status.FAILED, {"next": 1})
    assert job.message == "The account of its owner was deactivated or got another role."


def test_a_file_is_not_left_to_somebody_who_has_another_role_by_then(does: Does, ada: User) -> None:
    def kind(run: Run) -> Outcome:
        (run.folder / "x").write_bytes(b"what admins see")
        User.objects.filter(pk=ada.pk).update(role=Role.CLIENT)
        return Outcome("Written.", run.folder / "x", "x.csv", "text/csv")

    does(kind)
    job = worked_off(begun(ada))
    assert (job.status, job.result_name) == (Status.FAILED, "")


def test_nor_when_they_get_it_while_the_file_is_stored(does: Does, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def kind(run: Run) -> Outcome:
        (run.folder / "x").write_bytes(b"what admins see")
        return Outcome("Written.", run.folder / "x", "x.csv", "text/csv")

    def demoting(job: JobRun, outcome: Outcome, written: Path) -> None:
        store(job, outcome, written)
        User.objects.filter(pk=ada.pk).update(role=Role.CLIENT)

    store = results.store
    monkeypatch.setattr(results, "store", demoting)
    does(kind)
    job = worked_off(begun(ada))
    assert (job.status, job.message) == (Status.FAILED, jobs.ANOTHER)


def test_whoever_begins_anew_after_a_crash_is_not_seen_falling_back(does: Does, ada: User) -> None:
    seen = []

    def kind(run: Run) -> Outcome:
        for done in (1, 3, 4):
            run.report(done, 5)
            seen.append(progress_told(ada)[run.job.pk])
        return Outcome("Done.")

    does(kind)
    job = begun(ada)
    JobRun.objects.filter(pk=job.pk).update(progress=50)
    worked_off(job)
    assert seen == [50, 60, 80]


def test_for_somebody_who_was_deactivated_nothing_begins(does: Does, ada: User) -> None:
    job = begun(ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    worked_off(job)
    assert (job.status, job.message) == (Status.FAILED, "The account of its owner was deactivated.")


def test_each_end_is_counted(ada: User, django_capture_on_commit_callbacks: Callable[..., object]) -> None:
    before = ends()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        worked_off(begun(ada))
    assert ends() == before + 1


def ends() -> float:
    found: float = metrics.jobs_total.labels(NAME, Status.SUCCEEDED)._value.get()
    return found
