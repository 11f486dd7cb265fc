"""Who gets a job, and how many somebody may have."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from core.actions import jobs
from core.domain.errors import TooMany
from core.jobs.queue import run_jobs
from core.models import JobRun, User
from tests.jobs.support import NAME, abandon, begun
from tests.notifications import broker
from tests.notifications.support import at_once, wait_until

in_real_transactions = pytest.mark.django_db(transaction=True)


def claimed() -> int | None:
    job = jobs.claim([NAME])
    return job.pk if job else None


@in_real_transactions
def test_each_job_goes_to_one_worker_however_many_want_it(ada: User, dan: User) -> None:
    wanted = {begun(owner).pk for owner in (ada, dan) for _ in range(2)}
    found: list[int | None] = []
    at_once(*[lambda: found.append(claimed())] * 8)
    assert sorted(pk for pk in found if pk) == sorted(wanted)
    abandon_all()
    found.clear()
    at_once(*[lambda: found.append(claimed())] * 8)  # and those that were left go on with one each
    assert sorted(pk for pk in found if pk) == sorted(wanted)


def abandon_all() -> None:
    for job in JobRun.objects.all():
        abandon(job)


def test_who_has_nothing_running_comes_first(ada: User, dan: User) -> None:
    first, second, third = begun(ada), begun(ada), begun(dan)
    assert [claimed() for _ in range(4)] == [first.pk, third.pk, second.pk, None]


def test_a_kind_that_this_worker_does_not_know_is_left_to_others(ada: User) -> None:
    jobs.start(owner=ada, name="of_a_later_release", params={})
    assert claimed() is None


@in_real_transactions
def test_of_many_started_at_once_three_are_taken(ada: User, storage: Path) -> None:
    refused: list[TooMany] = []

    def start() -> None:
        try:
            jobs.start(owner=ada, name=NAME, params={}, upload=ContentFile(b"x"))
        except TooMany as error:
            refused.append(error)

    at_once(*[start] * 8)
    assert JobRun.objects.count() == jobs.MOST_UNFINISHED == 3
    assert {error.code for error in refused} == {"too_many_tasks"}
    assert len(refused) == 5
    assert len(list((storage / "jobs").iterdir())) == 3  # what came with those that were refused is gone


def test_those_that_have_ended_and_anothers_do_not_count(ada: User, dan: User) -> None:
    begun(dan)
    for _ in range(3):
        jobs.cancel(owner=ada, job_id=begun(ada).pk)
    for _ in range(3):
        begun(ada)
    with pytest.raises(TooMany):
        begun(ada)


@in_real_transactions
def test_a_worker_is_woken_when_it_is_committed(ada: User) -> None:
    broker.waiting()
    begun(ada)
    wait_until(lambda: ("core.run_jobs", [], {}) in broker.waiting())


@in_real_transactions
@pytest.mark.parametrize("broker_away", ["nobody listens"], indirect=True)
def test_without_a_broker_it_is_found_by_the_sweep(ada: User, broker_away: None, log_text: Callable[[], str]) -> None:
    job = begun(ada)
    wait_until(lambda: '"event": "nudge_failed"' in log_text(), within=10)
    run_jobs()
    job.refresh_from_db()
    assert job.status == JobRun.Status.SUCCEEDED


@in_real_transactions
def test_one_that_is_cancelled_while_it_is_claimed_ends_either_way(ada: User) -> None:
    job = begun(ada)
    at_once(partial(jobs.cancel, owner=ada, job_id=job.pk), run_jobs)
    run_jobs()
    job.refresh_from_db()
    assert job.status in (JobRun.Status.CANCELLED, JobRun.Status.SUCCEEDED)
