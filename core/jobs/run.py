"""What a kind of job is given, and what it returns. It raises `Refused` where its owner is to read why it failed."""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from django.core.files import File
from django.db import connection

from core.actions import jobs
from core.actions.jobs import LostLease
from core.domain.errors import NotAllowed
from core.models import JobRow, JobRun, User
from core.notifications.deliver import stopping

__all__ = ["Cancelled", "LostLease", "Outcome", "Run", "Stopped"]

APART = 0.25  # seconds between two reports that are written down
PAUSE = 0.11  # seconds: who waits for SQLite looks every 0.1 s whether it is free
ALMOST = 99  # per cent: 100 says that it has ended


class Cancelled(Exception):
    """Its owner wants no more of it."""


class Stopped(Exception):
    """This worker is to end; another goes on."""


@dataclass(frozen=True)
class Outcome:
    """What came of a job; `file`, in the run's folder, is kept for its owner under `name`."""

    message: str
    file: Path | None = None
    name: str = ""
    content_type: str = ""


class Run:
    """A job while this worker holds its lease. `folder` is its own, and gone when the run is over.

    `cursor`: where to begin, as the last `keep` has it; `{}` at first.
    """

    def __init__(self, job: JobRun, folder: Path) -> None:
        self.job, self.folder = job, folder
        self.owner: User = job.owner
        self.params: dict[str, Any] = job.params
        self.cursor: dict[str, Any] = job.cursor
        self._next_report = self._next_pause = 0.0

    def report(self, done: int, total: int, message: str = "") -> None:
        """Say how far it is, outside of transactions, and as often as you like: at least every few seconds.

        Renews the lease. Raises what ends the run: Cancelled, Stopped, LostLease, NotAllowed.
        """
        if stopping():
            raise Stopped
        if monotonic() < self._next_report:
            return
        # Never back: whoever goes on after a crash may have to begin anew.
        self.job.progress = max(self.job.progress, min(done * 100 // max(total, 1), ALMOST))
        jobs.report(job=self.job, progress=self.job.progress, message=message)
        self._next_report = monotonic() + APART
        if JobRun.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise Cancelled
        self.require_owner()

    def give_way(self) -> None:
        """Let others write; between two transactions, as often as you like.

        SQLite has one lock and no queue: whoever waits for it finds it free in a pause only.
        """
        if connection.vendor == "sqlite" and monotonic() >= self._next_pause:
            sleep(PAUSE)
            self._next_pause = monotonic() + APART

    def keep(self, cursor: dict[str, Any]) -> None:
        """Write down where to go on, in the transaction of what was done; first in it, since it locks the job."""
        jobs.hold(self.job, cursor=cursor, attempts=1)  # it gets on: what counts is how often it crashes at one place
        self.cursor = cursor

    def row(self, position: int, key: int, *, is_done: bool, detail: dict[str, Any] | None = None) -> None:
        """Write down what became of a row, in the transaction of what was done."""
        JobRow.objects.create(job=self.job, position=position, key=key, is_done=is_done, detail=detail or {})

    def upload(self) -> File[Any]:
        """The file that came with it, to be closed."""
        return self.job.upload.open()

    def require_owner(self) -> None:
        """Raise NotAllowed when its owner is no longer who they were when this run began."""
        if not jobs.unchanged(self.owner).exists():
            raise NotAllowed(jobs.ANOTHER)
