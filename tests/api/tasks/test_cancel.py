"""POST /api/tasks/{id}/cancel/"""

import pytest

from core.actions import jobs
from core.models import JobRun, User
from tests.api.tasks.tasks import Status, assert_is_its_owners, assert_only, ended, refused, url, waiting
from tests.jobs.support import abandon
from tests.openapi import ApiClient
from tests.tickets import NOT_ACCEPTED, Api


def test_one_that_waits_ends_at_once_and_asked_again_stays_so(api: Api, ada: User) -> None:
    job = waiting(ada)
    first = api(ada).post(url(job, "cancel"))
    assert (first.status_code, first.json()["status"]) == (200, "CANCELLED")
    assert api(ada).post(url(job, "cancel")).json() == first.json() == api(ada).get(url(job)).json()


def test_one_that_runs_is_asked_to_end(api: Api, ada: User) -> None:
    job = waiting(ada)
    assert jobs.claim(["export"])
    for _ in range(2):
        answer = api(ada).post(url(job, "cancel"))
        assert (answer.status_code, answer.json()["status"]) == (200, "RUNNING")
    assert JobRun.objects.get(pk=job.pk).cancel_requested


def test_one_whose_worker_died_ends_at_once(api: Api, ada: User) -> None:
    job = waiting(ada)
    assert jobs.claim(["export"])
    abandon(job)
    assert api(ada).post(url(job, "cancel")).json()["status"] == "CANCELLED"


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED])
def test_one_that_has_ended_stays_as_it_is(api: Api, ada: User, status: JobRun.Status) -> None:
    job = ended(ada, status)
    assert refused(409, api(ada).post(url(job, "cancel")))["code"] == "not_cancellable"
    job.refresh_from_db()
    assert (job.status, job.cancel_requested) == (status, False)


def test_input_is_refused_before_the_state(api: Api, ada: User) -> None:
    job = ended(ada)
    assert refused(400, api(ada).post(url(job, "cancel"), {"why": 1})) == {"why": NOT_ACCEPTED}


def test_it_is_its_owners(api: Api, ada: User, cleo: User, anonymous: ApiClient) -> None:
    job = waiting(cleo)
    assert_is_its_owners("post", "cancel", job, anonymous, [api(ada)])
    assert JobRun.objects.get(pk=job.pk).status == Status.PENDING
    assert_only("post", url(job, "cancel"), api(cleo))
