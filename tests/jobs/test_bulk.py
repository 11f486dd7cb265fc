"""One action on many tickets: what each of them is told, and what happens when something comes between."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core.actions import jobs, tickets, users
from core.jobs import bulk
from core.jobs import run as runs
from core.jobs.kinds import KINDS
from core.jobs.run import LostLease, Run
from core.jobs.runner import work
from core.models import Assignment, JobRun, Role, Status, Ticket, TicketHistory, User
from tests.conftest import MakeTicket
from tests.matrix.contract import ACTIONS
from tests.matrix.world import led_to
from tests.tickets import NOBODY_SEES, Api, tells, url

pytestmark = pytest.mark.django_db


def start(owner: User, ids: list[int], action: str = "open_ticket", **data: Any) -> JobRun:
    return jobs.start(owner=owner, name="bulk", params={"ids": ids, "action": action, "data": data})


def done(owner: User, ids: list[int], action: str = "open_ticket", **data: Any) -> JobRun:
    """The job, when it has ended."""
    job = start(owner, ids, action, **data)
    work()
    job.refresh_from_db()
    return job


def details(job: JobRun) -> dict[int, Any]:
    """Of each ticket why it was refused; empty when it was done."""
    rows = list(job.rows.all())
    assert [row.position for row in rows] == list(range(len(rows)))
    assert all(row.is_done == (not row.detail) for row in rows)
    return {row.key: row.detail for row in rows}


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], object]], None]:
    """`meanwhile(2, call)`: something happens when the second ticket has been opened, before that is committed."""
    monkeypatch.setattr(runs, "APART", 0)

    def plan(number: int, call: Callable[[], object]) -> None:
        calls = 0

        def open_ticket(**arguments: Any) -> None:
            nonlocal calls
            tickets.open_ticket(**arguments)
            calls += 1
            if calls == number:
                call()

        monkeypatch.setitem(bulk.VERBS, "open_ticket", open_ticket)

    return plan


def opened(ids: list[int]) -> list[int]:
    """How often each was opened."""
    return [TicketHistory.objects.filter(ticket=pk, action="open_ticket").count() for pk in ids]


def let_go() -> None:
    """The lease of a worker that died comes to its end."""
    assert JobRun.objects.filter(status="RUNNING").update(lease_until=timezone.now() - timedelta(seconds=1)) == 1


def test_each_ticket_has_its_history_and_everybody_is_told_of_each(
    make_ticket: MakeTicket, ada: User, dan: User, cleo: User
) -> None:
    ids = [make_ticket().pk, make_ticket().pk]
    due = timezone.now() + timedelta(days=1)
    job = start(ada, ids, "assign", assigned_to=[dan.pk], resolution_due_at=due.isoformat())
    with tells(*2 * [(dan, "ticket_assigned", "assigned"), (cleo, "ticket_opened", "creator")]):
        work()
    job.refresh_from_db()
    assert (job.status, job.progress, job.message) == ("SUCCEEDED", 100, "2 done, 0 refused")
    assert details(job) == {key: {} for key in ids}
    for pk in ids:
        row = TicketHistory.objects.get(ticket=pk, action="assign")
        assert (row.actor, row.version) == (ada, 2)
        assert Ticket.objects.get(pk=pk).resolution_due_at == due
        assert Assignment.objects.get(ticket=pk).user == dan


@pytest.mark.parametrize("action", [name for name, row in ACTIONS.items() if row.method == "post"])
def test_every_action_leads_where_it_leads_a_single_ticket(
    make_ticket: MakeTicket, ada: User, dan: User, dora: User, cleo: User, action: str
) -> None:
    rule = ACTIONS[action]
    people = {"creator": cleo, "assignee": dan, "anyone": dan, "admin": ada}
    part = next(part for part in people if part in rule.who)
    source = min(rule.who[part])
    ticket = led_to(make_ticket, source, cleo, dan)
    data = dict(rule.body) | ({"assigned_to": [dora.pk]} if action == "assign" else {})
    assert details(done(people[part], [ticket.pk], action, **data)) == {ticket.pk: {}}
    ticket.refresh_from_db()
    assert ticket.status == rule.to.get(source, source)


def test_a_refusal_is_what_the_endpoint_answers(
    api: Api, make_ticket: MakeTicket, ada: User, dan: User, dora: User
) -> None:
    fits, hidden = make_ticket(Status.OPEN, assigned_to=[dan]), make_ticket(Status.OPEN)
    worked_on, watched = make_ticket(Status.IN_PROGRESS), make_ticket(Status.OPEN, assigned_to=[dora, dan])
    tickets.watch(actor=dan, ticket_id=watched.pk)
    Assignment.objects.filter(ticket=watched, user=dan).delete()
    refused = [NOBODY_SEES, hidden.pk, worked_on.pk, watched.pk]
    job = done(dan, [*refused, fits.pk], "start_work")
    assert (job.status, job.message) == ("SUCCEEDED", "1 done, 4 refused")
    found = details(job)
    assert found.pop(fits.pk) == {}
    assert found == {pk: api(dan).post(url(pk, "start_work")).json() for pk in refused}
    codes = [found[pk]["code"] for pk in refused]
    assert codes == ["not_found", "not_found", "invalid_transition", "permission_denied"]


def test_what_only_the_verb_can_judge_is_named_after_whose_it_is(
    make_ticket: MakeTicket, ada: User, cleo: User, carl: User, dora: User
) -> None:
    ticket, other = make_ticket(), make_ticket(created_by=carl)
    User.objects.filter(pk=dora.pk).update(is_active=False)
    words = f"Not active developers: {dora.pk}."
    wrong = {"code": "invalid", "detail": f"assigned_to: {words}", "assigned_to": [words]}
    found = details(done(ada, [ticket.pk, other.pk], "assign", assigned_to=[dora.pk]))
    assert found == {ticket.pk: wrong, other.pk: wrong}
    found = details(done(cleo, [ticket.pk, other.pk], "assign", assigned_to=[dora.pk]))
    assert [row["code"] for row in found.values()] == ["permission_denied", "not_found"]


def test_cancelled_it_stops_between_two_tickets(
    make_ticket: MakeTicket, ada: User, meanwhile: Callable[[int, Callable[[], object]], None]
) -> None:
    ids = [make_ticket().pk for _ in range(4)]
    job = start(ada, ids)
    meanwhile(2, partial(jobs.cancel, owner=ada, job_id=job.pk))
    work()
    job.refresh_from_db()
    assert (job.status, opened(ids)) == ("CANCELLED", [1, 1, 0, 0])
    assert details(job) == {ids[0]: {}, ids[1]: {}}


@pytest.mark.parametrize(
    ("loses", "code"),
    [
        (lambda boss, ada: users.change(actor=boss, account=ada, changes={"role": Role.DEVELOPER}), "not_found"),
        (lambda boss, ada: users.deactivate(actor=boss, account=ada), "permission_denied"),
    ],
    ids=["their role", "their account"],
)
def test_whoever_loses_their_rights_midway_is_refused_the_rest(
    make_ticket: MakeTicket,
    ada: User,
    cleo: User,
    meanwhile: Callable[[int, Callable[[], object]], None],
    loses: Callable[[User, User], object],
    code: str,
) -> None:
    ids = [make_ticket().pk for _ in range(4)]
    boss = User.objects.create_user("boss", "boss@example.com", role=Role.ADMIN)
    job = start(ada, ids)
    meanwhile(2, lambda: loses(boss, User.objects.get(pk=ada.pk)))
    work()
    job.refresh_from_db()
    assert (job.status, job.message, opened(ids)) == ("SUCCEEDED", "2 done, 2 refused", [1, 1, 0, 0])
    assert [row.get("code") for row in details(job).values()] == [None, None, code, code]


class Killed(BaseException):
    """What no code is left to hear of."""


def test_killed_however_often_it_goes_on_with_the_ticket_it_was_at(
    make_ticket: MakeTicket, ada: User, meanwhile: Callable[[int, Callable[[], object]], None]
) -> None:
    ids = [make_ticket().pk for _ in range(6)]
    job = start(ada, ids)

    def die() -> None:
        raise Killed

    for kill in range(1, 5):
        meanwhile(2, die)
        with pytest.raises(Killed):
            work()
        assert details(job) == {key: {} for key in ids[:kill]}
        assert opened(ids) == [1] * kill + [0] * (6 - kill)
        let_go()
    work()
    job.refresh_from_db()
    assert (job.status, job.message, opened(ids)) == ("SUCCEEDED", "6 done, 0 refused", [1] * 6)
    assert details(job) == {key: {} for key in ids}


def test_who_has_lost_the_lease_does_nothing_more(make_ticket: MakeTicket, ada: User, tmp_path: Any) -> None:
    ids = [make_ticket().pk for _ in range(2)]
    start(ada, ids)
    late = jobs.claim(KINDS)
    let_go()
    assert jobs.claim(KINDS)
    assert late
    with pytest.raises(LostLease):
        bulk.run(Run(late, tmp_path))
    assert opened(ids) == [0, 0]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's connections cannot be ended by others")
@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_nothing_is_refused(
    make_ticket: MakeTicket, ada: User, meanwhile: Callable[[int, Callable[[], object]], None]
) -> None:
    ids = [make_ticket().pk for _ in range(3)]
    job = start(ada, ids)

    def hang_up() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    meanwhile(2, hang_up)
    work()
    assert (details(job), opened(ids)) == ({ids[0]: {}}, [1, 0, 0])
    let_go()
    work()
    assert (details(job), opened(ids)) == ({key: {} for key in ids}, [1, 1, 1])
