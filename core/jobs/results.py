"""What a job leaves for its owner, in the storage."""

import time
import uuid
from pathlib import Path
from typing import BinaryIO

from django.core.files import File
from django.core.files.storage import default_storage

from core.actions import jobs
from core.jobs.run import Outcome
from core.models import JobRun

RENEWED = 5.0  # seconds


class Held(File[bytes]):
    """Renews the lease while it is read: the storage may be slow."""

    def __init__(self, file: BinaryIO, job: JobRun) -> None:
        super().__init__(file)
        self._source, self._job, self._renew_at = file, job, 0.0

    def read(self, size: int = -1) -> bytes:
        if time.monotonic() >= self._renew_at:
            jobs.hold(self._job)
            self._renew_at = time.monotonic() + RENEWED
        return self._source.read(size)


def store(job: JobRun, outcome: Outcome, written: Path) -> None:
    """Its place is written down before the file is there, so that none is left that nobody knows of."""
    path = f"jobs/{uuid.uuid4().hex}"
    jobs.hold(job, result=path, result_name=outcome.name, result_type=outcome.content_type)
    with written.open("rb") as file:
        default_storage.save(path, Held(file, job))


def forget(job: JobRun) -> None:
    """Delete what an earlier worker has stored."""
    if job.result:
        job.result.delete(save=False)
        jobs.hold(job, result="", result_name="", result_type="")
