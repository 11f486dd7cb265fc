"""GET /api/tasks/{id}/result/"""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from core.actions import accounts, jobs
from core.models import Role, User
from tests.api.tasks.tasks import Status, assert_is_its_owners, assert_only, ended, refused, url, waiting
from tests.openapi import ApiClient
from tests.tickets import Api

pytestmark = pytest.mark.usefixtures("storage")


def test_its_owner_gets_the_file_to_be_saved(api: Api, ada: User) -> None:
    job = ended(ada, content=b"a,b\n" * 50_000)
    response: Any = api(ada).get(url(job, "result"))
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"a,b\n" * 50_000
    expected = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Length": "200000",
        "Content-Disposition": 'attachment; filename="tickets.csv"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    assert {name: response.headers[name] for name in expected} == expected


def test_before_there_is_one_and_where_there_is_none_there_is_nothing(api: Api, ada: User) -> None:
    for job in (waiting(ada), ended(ada), ended(ada, Status.FAILED, b"half"), ended(ada, Status.CANCELLED)):
        assert refused(404, api(ada).get(url(job, "result")))["code"] == "not_found"


def test_after_seven_days_it_is_gone(api: Api, ada: User, storage: Path) -> None:
    job = ended(ada, content=b"a,b\n", expires_at=timezone.now())
    assert refused(410, api(ada).get(url(job, "result")))["code"] == "result_expired"
    jobs.delete_expired(timezone.now())
    assert not list((storage / "jobs").iterdir())
    assert refused(410, api(ada).get(url(job, "result")))["code"] == "result_expired"


def test_whoever_gets_another_role_does_not_get_what_was_seen_in_the_one_before(api: Api, dan: User) -> None:
    job = ended(dan, content=b"a,b\n")
    dan.first_name = "Daniel"
    accounts.save(account=dan, fields=["first_name"])
    assert api(dan).get(url(job, "result")).status_code == 200
    dan.role = Role.CLIENT
    accounts.save(account=dan, fields=["role"])
    assert refused(410, api(dan).get(url(job, "result")))["code"] == "result_expired"


def test_a_file_that_somebody_has_removed_is_not_there(api: Api, ada: User) -> None:
    job = ended(ada, content=b"a,b\n")
    job.result.delete(save=False)
    assert refused(404, api(ada).get(url(job, "result")))["code"] == "not_found"


def test_it_is_its_owners(api: Api, ada: User, cleo: User, anonymous: ApiClient) -> None:
    job = ended(cleo, content=b"a,b\n")
    assert_is_its_owners("get", "result", job, anonymous, [api(ada)])
    assert_only("get", url(job, "result"), api(cleo))
