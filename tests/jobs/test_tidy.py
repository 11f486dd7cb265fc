"""What a job leaves is kept for seven days; that there was one, for ninety."""

from datetime import timedelta
from pathlib import Path

from django.core.files.base import ContentFile
from django.utils import timezone

from core.actions import jobs
from core.jobs.run import Outcome, Run
from core.models import JobRow, JobRun, User
from tests.jobs.conftest import Does
from tests.jobs.support import NAME, begun, worked_off

DAY = timedelta(days=1)


def test_files_and_rows_go_after_a_week_and_the_rest_after_a_quarter(does: Does, ada: User, storage: Path) -> None:
    def kind(run: Run) -> Outcome:
        run.row(0, 7, is_done=False, detail={"code": "too_late"})
        (run.folder / "x").write_bytes(b"a,b\n")
        return Outcome("Written.", run.folder / "x", "x.csv", "text/csv")

    def files() -> int:
        return len(list((storage / "jobs").iterdir()))

    does(kind)
    job = worked_off(jobs.start(owner=ada, name=NAME, params={}, upload=ContentFile(b"title")))
    waiting = begun(ada)
    now = timezone.now()
    jobs.delete_expired(now + 6 * DAY)
    assert (files(), JobRow.objects.count()) == (2, 1)
    jobs.delete_expired(now + 8 * DAY)
    assert (files(), JobRow.objects.count()) == (0, 0)
    job.refresh_from_db()
    assert not job.result
    assert not job.upload
    assert (job.result_name, job.message) == ("x.csv", "Written.")
    jobs.delete_expired(now + 91 * DAY)
    assert list(JobRun.objects.all()) == [waiting]
