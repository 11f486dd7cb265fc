"""POST /api/tickets/bulk/"""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from core.action_serializers import INPUTS
from core.domain.transitions import ACTIONS
from core.jobs.bulk import VERBS
from core.models import JobRun, Status, Ticket, User
from tests.openapi import ApiClient
from tests.tickets import NOT_ACCEPTED, REQUIRED, URL, Api, queries, refused

BULK = f"{URL}bulk/"
Bulk = Callable[..., Any]


@pytest.fixture
def ask(api: Api, ada: User, new_ticket: Ticket) -> Bulk:
    """Ada asks for something, by default what would be accepted; refused, it leaves no job behind."""
    client = api(ada)

    def call(code: int = 202, **changes: Any) -> Any:
        body = {"ids": [new_ticket.pk], "action": "open_ticket"} | changes
        if code == 202:
            return client.post(BULK, body)
        answer = refused(code, client.post, BULK, body)
        assert not JobRun.objects.exists()
        return answer

    return call


def test_it_is_a_job_of_whoever_asks_and_nothing_has_happened_yet(ask: Bulk, ada: User, new_ticket: Ticket) -> None:
    response = ask()
    assert response.status_code == 202
    job = JobRun.objects.get()
    assert response.json() == {"task_id": job.pk}
    assert (job.owner, job.name, job.status, job.params["ids"]) == (ada, "bulk", "PENDING", [new_ticket.pk])
    new_ticket.refresh_from_db()
    assert new_ticket.status == Status.NEW


def test_every_action_that_people_may_do_can_be_done_to_many() -> None:
    assert list(INPUTS) == list(VERBS) == ACTIONS


def test_nobody_asks_without_signing_in(anonymous: ApiClient, new_ticket: Ticket) -> None:
    assert refused(401, anonymous.post, BULK, {"nonsense": 1})["code"] == "not_authenticated"


def test_ids_are_1_to_1000_different_ids(ask: Bulk) -> None:
    wrongs: list[Any] = [[], [0], [-1], ["x"], [None], [2**63], 7, "7", None, {}, list(range(1, 1_002)), [7, 8, 7]]
    for wrong in wrongs:
        assert set(ask(400, ids=wrong)) == {"ids"}
    assert ask(400, ids=[7, 7]) == {"ids": ["Each ticket can be named only once."]}
    assert ask(ids=list(range(1, 1_001))).status_code == 202


def test_the_action_is_one_of_the_table(ask: Bulk) -> None:
    wrongs: list[Any] = ["", "explode", "delete", "auto_close", "create", "update", None, 7, ["hold"], {}]
    for wrong in wrongs:
        assert set(ask(400, action=wrong)) == {"action"}


def test_what_is_missing_or_unknown_is_named(api: Api, ada: User, ask: Bulk) -> None:
    assert refused(400, api(ada).post, BULK, {}) == {"ids": REQUIRED, "action": REQUIRED}
    assert ask(400, nonsense=1) == {"nonsense": NOT_ACCEPTED}
    assert set(refused(400, api(ada).post, BULK, [])) == {"non_field_errors"}


@pytest.mark.parametrize(
    ("action", "data", "said"),
    [
        ("open_ticket", {"nonsense": 1}, "nonsense: This field is not accepted here."),
        ("assign", {}, "assigned_to: This field is required."),
        ("assign", {"assigned_to": [7, 7]}, "assigned_to: Each developer can be named only once."),
        (
            "assign",
            {"assigned_to": [7], "resolution_due_at": "2020-01-01T00:00:00Z"},
            "resolution_due_at: Resolution due date must be in the future",
        ),
        ("finish_work", {"comment": "four"}, "comment: Ensure this field has at least 5 characters."),
        ("reject", {"comment": "too short"}, "comment: Ensure this field has at least 10 characters."),
        ("hold", {}, "comment: This field is required."),
        ("reopen", {}, "comment: This field is required."),
        ("cancel", {"comment": "\u200b" * 5}, "comment: This text shows nothing."),
        ("add_comment", {"comment": "Hello", "is_internal": "?"}, "is_internal: Must be a valid boolean."),
    ],
)
def test_its_data_are_checked_as_the_action_checks_them(ask: Bulk, action: str, data: Any, said: str) -> None:
    assert ask(400, action=action, data=data) == {"data": [said]}


def test_data_are_an_object(ask: Bulk) -> None:
    wrongs: list[Any] = [[], "comment", 7, None]
    for wrong in wrongs:
        assert set(ask(400, data=wrong)) == {"data"}
    assert set(ask(400, action="hold")) == {"data"}


def test_what_is_no_json_is_refused(api: Api, ada: User) -> None:
    assert set(refused(400, api(ada).post, BULK, "{", content_type="application/json")) == {"non_field_errors"}
    other = refused(415, api(ada).post, BULK, "a=b", content_type="application/x-www-form-urlencoded")
    assert other["code"] == "unsupported_media_type"


def test_it_is_called_by_post_only(api: Api, ada: User) -> None:
    client = api(ada)
    for call in (client.get, client.put, client.patch, client.delete):
        assert refused(405, call, BULK)["code"] == "method_not_allowed"


def test_asked_again_with_the_same_key_it_is_the_same_job(api: Api, ada: User, new_ticket: Ticket) -> None:
    client, body = api(ada), {"ids": [new_ticket.pk], "action": "open_ticket"}
    first, second = (client.post(BULK, body, headers={"Idempotency-Key": "again"}) for _ in range(2))
    assert first.json() == second.json() == {"task_id": JobRun.objects.get().pk}


def test_a_fourth_job_has_to_wait(ask: Bulk, api: Api, ada: User, dan: User, new_ticket: Ticket) -> None:
    for _ in range(3):
        assert ask().status_code == 202
    body = {"ids": [new_ticket.pk], "action": "open_ticket"}
    answer = api(ada).post(BULK, body)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tasks")
    assert int(answer.headers["Retry-After"]) > 0
    assert JobRun.objects.count() == 3
    assert api(dan).post(BULK, body).status_code == 202  # what he may do is said ticket by ticket


def test_a_thousand_cost_as_many_queries_as_one(ask: Bulk) -> None:
    few = queries(lambda: ask(ids=[1]))
    assert queries(lambda: ask(ids=list(range(1, 1_001)))) == few


def test_dates_are_kept_as_json_has_them(ask: Bulk, dan: User) -> None:
    due = datetime.now(timezone(timedelta(hours=2))) + timedelta(days=1)
    dates = {"resolution_due_at": due.isoformat(), "estimated_resolution_time": None}
    ask(action="assign", data={"assigned_to": [dan.pk]} | dates)
    kept = JobRun.objects.get().params["data"]
    assert kept["resolution_due_at"].endswith("Z")
    assert datetime.fromisoformat(kept["resolution_due_at"]) == due
    assert kept["estimated_resolution_time"] is None
