"""Does what is due: claims a job, runs it, writes down what came of it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import structlog
from django.db import close_old_connections

from core.actions import jobs
from core.domain.errors import Refused
from core.jobs import results
from core.jobs.kinds import KINDS
from core.jobs.run import Cancelled, LostLease, Run, Stopped
from core.models import JobRun
from core.notifications.deliver import stopping
from core.outages import log, outage

MOST_ATTEMPTS = 3
CRASHED = f"Given up: it crashed {MOST_ATTEMPTS} times. What was done before that stays done."
WENT_WRONG = "Something went wrong on our side. What was done before that stays done."
OWNER_GONE = "The account of its owner was deactivated."

Status = JobRun.Status
logger = structlog.get_logger(__name__)


class Ending(NamedTuple):
    """`message`: None leaves what was said last."""

    status: Status
    message: str | None = None


def work() -> None:
    """Do one job after the other, until nothing is due; while more than one is, ask for help."""
    while not stopping() and (job := jobs.claim(KINDS)):
        if jobs.due(KINDS).exists():
            jobs.nudge()
        do(job)


def do(job: JobRun) -> None:
    """Do one job from its cursor. What cannot be written down is left to whoever claims it after the lease."""
    log_of = logger.bind(job=job.pk, name=job.name, user_id=job.owner_id)
    try:
        ending = run(job)
        jobs.finish(job=job, status=ending.status, message=ending.message)
    except Stopped:
        jobs.give_back(job=job)
        log_of.info("job_given_back")
    except LostLease:
        log_of.warning("job_lost")
    except Exception as error:
        if found := outage(error):
            log(found, error)
        log_of.warning("job_left", error=type(error).__name__, exc_info=found is None)
        close_old_connections()  # one that broke stays broken
    else:
        log_of.info("job_ended", status=ending.status)


def run(job: JobRun) -> Ending:
    """What came of it; raises what leaves it unfinished."""
    try:
        return not_to_be_begun(job) or carry_out(job)
    except Cancelled:
        return Ending(Status.CANCELLED)
    except Refused as error:
        return Ending(Status.FAILED, error.detail)
    except (Stopped, LostLease):
        raise
    except Exception as error:
        if outage(error):
            raise
        logger.exception("job_failed", job=job.pk, name=job.name)
        return Ending(Status.FAILED, WENT_WRONG)


def not_to_be_begun(job: JobRun) -> Ending | None:
    if job.cancel_requested:
        return Ending(Status.CANCELLED)
    if job.attempts > MOST_ATTEMPTS:
        return Ending(Status.FAILED, CRASHED)
    return None if job.owner.is_active else Ending(Status.FAILED, OWNER_GONE)


def carry_out(job: JobRun) -> Ending:
    results.forget(job)  # of a worker that died when it had stored it
    with TemporaryDirectory(prefix="job-") as folder:
        begun = Run(job, Path(folder))
        outcome = KINDS[job.name](begun)
        if outcome.file:
            begun.require_owner()  # it holds what they could see
            results.store(job, outcome, outcome.file)
    return Ending(Status.SUCCEEDED, outcome.message)
