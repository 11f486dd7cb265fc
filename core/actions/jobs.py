"""Jobs: started by people, done by workers. Whoever holds a job's lease does it; the database says who that is.

The storage may be far away, so no verb asks it inside its transaction (docs/adr/0025).
"""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.domain.errors import Conflict, Gone, NotVisible, TooMany
from core.models import JobRow, JobRun, User
from core.notifications import metrics, state
from core.notifications.nudge import Nudger

LEASE = timedelta(seconds=20)
MOST_UNFINISHED = 3  # of one person
KEPT = timedelta(days=7)  # its files and rows, after it has ended
AGAIN = timedelta(seconds=10)  # after that it makes sense to ask for one more
FORGOTTEN = timedelta(days=90)  # after it has ended
LONGEST_MESSAGE = 300  # characters
CANDIDATES = 50  # looked at in one round; others may take them meanwhile
ANOTHER = "The account of its owner was deactivated or got another role."

PENDING, RUNNING = JobRun.Status.PENDING, JobRun.Status.RUNNING
SUCCEEDED, CANCELLED = JobRun.Status.SUCCEEDED, JobRun.Status.CANCELLED
UNFINISHED = (PENDING, RUNNING)
NOBODYS = {"token": None, "lease_until": None}


class LostLease(Exception):
    """Another worker has the job, or nobody: whatever was about to be written of it must not be."""


def wake_up() -> None:
    """Ask a worker to look what is due; by name, since who does the work is above the verbs."""
    current_app.send_task("core.run_jobs", retry=False, expires=settings.SWEEP_SECONDS)


nudge = Nudger(wake_up).nudge


def start(*, owner: User, name: str, params: dict[str, Any], upload: File[Any] | None = None) -> JobRun:
    """Begin a job as soon as a worker is free. Raise TooMany when this person has as many as may be."""
    path = default_storage.save(f"jobs/{uuid.uuid4().hex}", upload) if upload else ""
    try:
        with transaction.atomic():
            _require_room(owner)
            job = JobRun.objects.create(owner=owner, name=name, params=params, upload=path, created_at=timezone.now())
            transaction.on_commit(nudge, robust=True)
            return job
    except BaseException:
        # Looked up: when the connection breaks while it commits, nobody has said whether it did.
        if path and not JobRun.objects.filter(owner=owner, upload=path).exists():
            default_storage.delete(path)
        raise


def _require_room(owner: User) -> None:
    # One at a time, or those of many at once would not be seen by each other.
    User.objects.select_for_update(no_key=True).filter(pk=owner.pk).exists()
    if JobRun.objects.filter(owner=owner, status__in=UNFINISHED).count() >= MOST_UNFINISHED:
        raise TooMany(f"You have {MOST_UNFINISHED} tasks that have not ended.", code="too_many_tasks", wait=AGAIN)


def cancel(*, owner: User, job_id: int) -> JobRun:
    """One that nobody works on ends at once, else at its next report; what it has done stays done."""
    with transaction.atomic():
        job = JobRun.objects.select_for_update(no_key=True).filter(owner=owner, pk=job_id).first()
        if job is None:
            raise NotVisible
        if job.status in UNFINISHED and (job.lease_until is None or job.lease_until <= timezone.now()):
            _end(job, CANCELLED, job.message)
        elif job.status == RUNNING:
            job.cancel_requested = True
            job.save(update_fields=["cancel_requested"])
        elif job.status != CANCELLED:
            raise Conflict("The task has ended.", code="not_cancellable")
        return job


def due(names: Collection[str]) -> QuerySet[JobRun]:
    """Those of these names that wait, or that a worker left; first those of people who have nothing running."""
    now = timezone.now()
    busy = JobRun.objects.filter(owner=OuterRef("owner"), status=RUNNING, lease_until__gt=now)
    free = Q(status=PENDING) | Q(status=RUNNING, lease_until__lte=now)
    return JobRun.objects.filter(free, status__in=UNFINISHED, name__in=names).order_by(Exists(busy), "pk")


def claim(names: Collection[str]) -> JobRun | None:
    """Lease the next job that is due: a conditional UPDATE, so that one worker gets it."""
    for pk in due(names).values_list("pk", flat=True)[:CANDIDATES]:
        now, token = timezone.now(), uuid.uuid4()
        taken = (
            due(names)
            .order_by()
            .filter(pk=pk)
            .update(
                status=RUNNING,
                token=token,
                lease_until=now + LEASE,
                attempts=F("attempts") + 1,
                started_at=Coalesce("started_at", now),
            )
        )
        if taken:
            return JobRun.objects.select_related("owner").filter(pk=pk, token=token).first()
    return None


def hold(job: JobRun, **changes: Any) -> None:
    """Renew the lease and write `changes`; locks the row when in a transaction. Raise LostLease."""
    held = JobRun.objects.filter(pk=job.pk, token=job.token)
    if not held.update(lease_until=timezone.now() + LEASE, **changes):
        raise LostLease


def report(*, job: JobRun, progress: int, message: str) -> None:
    """Say how far it has come."""
    with transaction.atomic():
        hold(job, progress=progress, message=message[:LONGEST_MESSAGE])
        state.report_progress(job.owner_id, job.pk, progress)


def give_back(*, job: JobRun) -> None:
    """Let another worker go on at its cursor; this was no crash."""
    JobRun.objects.filter(pk=job.pk, token=job.token).update(status=PENDING, attempts=F("attempts") - 1, **NOBODYS)
    nudge()


def finish(*, job: JobRun, status: JobRun.Status, message: str | None = None) -> None:
    """Write down what came of it; `message`: None leaves what was said last. Raise LostLease."""
    with transaction.atomic():
        # Before the job, as by who gives them another role: they see this file expire, or it is not kept.
        is_same = unchanged(job.owner).select_for_update(no_key=True).exists()
        found = JobRun.objects.select_for_update(no_key=True).filter(pk=job.pk, token=job.token).first()
        if found is None:
            raise LostLease
        if found.result and not is_same:
            status, message = JobRun.Status.FAILED, ANOTHER
        _end(found, status, found.message if message is None else message)


def unchanged(owner: User) -> QuerySet[User]:
    """This account, unless it was deactivated or got another role since it was read."""
    return User.objects.filter(pk=owner.pk, is_active=True, role=owner.role)


def _end(job: JobRun, status: JobRun.Status, message: str) -> None:
    """Of a locked job. Whatever the end is, its entry in `task_progress` comes to 100, by which it goes."""
    now = timezone.now()
    job.status, job.message, job.token, job.lease_until = status, message[:LONGEST_MESSAGE], None, None
    job.progress = state.DONE if status == SUCCEEDED else job.progress
    job.finished_at, job.expires_at = now, now + KEPT
    job.save()
    state.report_progress(job.owner_id, job.pk, state.DONE)
    transaction.on_commit(lambda: metrics.jobs_total.labels(job.name, status).inc())


def expire_results(*, owner: User) -> None:
    """Whoever gets another role does not get what they saw in the one before."""
    now = timezone.now()
    JobRun.objects.filter(owner=owner, expires_at__gt=now).update(expires_at=now)


def require_result(job: JobRun) -> None:
    """Raise NotVisible when it has left no file, or none yet; Gone when the file has been kept for its time."""
    if job.status != SUCCEEDED or not job.result_name or job.expires_at is None:
        raise NotVisible
    if not job.result or job.expires_at <= timezone.now():
        raise Gone("The result is kept no longer.", code="result_expired")


def delete_expired(now: datetime) -> None:
    """Delete the files and rows of what ended 7 days ago, and what ended 90 days ago as a whole."""
    expired = JobRun.objects.filter(expires_at__lte=now)
    for job in expired.exclude(result="", upload="").iterator():
        for file in (job.result, job.upload):
            if file:
                file.delete(save=False)  # before the row forgets it; one that is gone already is no error
        JobRun.objects.filter(pk=job.pk).update(result="", upload="")
    JobRow.objects.filter(job__in=expired).delete()
    JobRun.objects.filter(finished_at__lte=now - FORGOTTEN, result="", upload="").delete()
