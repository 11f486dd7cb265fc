"""GET /api/tasks/{id}/"""

from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from core.models import User
from tests.api.tasks.tasks import Status, assert_is_its_owners, assert_only, ended, url, waiting
from tests.openapi import ApiClient
from tests.tickets import Api


def test_one_that_waits_has_come_to_nothing_yet(api: Api, ada: User) -> None:
    job = waiting(ada)
    found = api(ada).get(url(job)).json()
    assert found.pop("created_at").endswith("Z")
    assert found == {
        "id": job.pk,
        "name": "export",
        "status": "PENDING",
        "progress": 0,
        "message": "",
        "result_url": None,
        "started_at": None,
        "finished_at": None,
        "expires_at": None,
    }


def test_one_that_left_a_file_says_where_it_is_and_until_when(api: Api, ada: User, storage: Path) -> None:
    job = ended(ada, content=b"a,b\n", progress=100)
    found = api(ada).get(url(job)).json()
    assert (found["status"], found["progress"], found["result_url"]) == ("SUCCEEDED", 100, url(job, "result"))
    assert None not in (found["started_at"], found["finished_at"], found["expires_at"])


def test_there_is_no_file_to_get_of_one_that_left_none_that_failed_or_that_ended_long_ago(
    api: Api, ada: User, storage: Path
) -> None:
    long_ago = timezone.now() - timedelta(seconds=1)
    for job in (ended(ada), ended(ada, Status.FAILED, b"x"), ended(ada, content=b"x", expires_at=long_ago)):
        assert api(ada).get(url(job)).json()["result_url"] is None


def test_it_is_its_owners(api: Api, ada: User, cleo: User, anonymous: ApiClient) -> None:
    job = waiting(cleo)
    assert_is_its_owners("get", "", job, anonymous, [api(ada)])
    assert_only("get", url(job), api(cleo))
