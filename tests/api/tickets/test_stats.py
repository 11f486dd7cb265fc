"""GET /api/tickets/stats/"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from django.utils.timezone import now

from core.actions import tickets
from core.models import Priority, Status, Ticket, TicketHistory, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import URL, Api, queries, refused

STATS = f"{URL}stats/"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def stats(client: ApiClient, **query: Any) -> Any:
    response = client.get(f"{STATS}?{urlencode(query, doseq=True)}")
    assert response.status_code == 200, response.content
    return response.json()


@pytest.fixture
def write(cleo: User) -> Callable[..., Ticket]:
    """Write a ticket of Cleo's as it stands; `age`, `responded`, `resolved` are hours."""

    def make(status: Status = Status.NEW, *, age: float = 1, responded: float | None = None, **fields: Any) -> Ticket:
        created = NOON - age * HOUR
        done = {"opened_at": None if status == Status.NEW else created}
        if status in (Status.RESOLVED, Status.CLOSED):
            done |= {"started_at": created, "resolved_at": created + fields.pop("resolved") * HOUR}
        if status == Status.CLOSED:
            done |= {"closed_at": fields.pop("closed_at", created)}
        if responded is not None:
            done |= {"first_responded_at": created + responded * HOUR}
        own: dict[str, Any] = {"title": "x", "created_by": cleo, "created_at": created, "updated_at": created}
        ticket = Ticket.objects.create(**own | done | {"status": status} | fields)
        if ticket.closed_at:
            told = {"from_status": Status.RESOLVED, "to_status": status, "created_at": ticket.closed_at}
            TicketHistory.objects.create(ticket=ticket, actor=cleo, action="approve", version=1, **told)
        return ticket

    return make


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch, ada: User, cleo: User, dan: User, api: Api) -> dict[str, ApiClient]:
    """It is noon, and they are signed in."""
    clients = {user.username: api(user) for user in (ada, cleo, dan)}
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    return clients


def test_without_tickets_everything_is_zero(noon: dict[str, ApiClient]) -> None:
    days = [str((NOON - ago * DAY).date()) for ago in reversed(range(30))]
    assert stats(noon["ada"]) == {
        "total": 0,
        "by_status": dict.fromkeys(Status.values, 0),
        "by_priority": dict.fromkeys(Priority.values, 0),
        "sla_breaches": {"response": 0, "resolution": 0},
        "median_seconds": {"response": None, "resolution": None},
        "per_day": [{"date": day, "created": 0, "closed": 0} for day in days],
    }


def test_tickets_are_counted_by_status_and_priority(noon: dict[str, ApiClient], write: Callable[..., Ticket]) -> None:
    write(priority="LOW")
    write(priority="LOW")
    write(Status.OPEN, priority="CRITICAL")
    found = stats(noon["ada"])
    assert found["total"] == 3
    assert found["by_status"] == dict.fromkeys(Status.values, 0) | {"NEW": 2, "OPEN": 1}
    assert found["by_priority"] == dict.fromkeys(Priority.values, 0) | {"LOW": 2, "CRITICAL": 1}


def test_breaches_are_counted_for_each_clock(noon: dict[str, ApiClient], write: Callable[..., Ticket]) -> None:
    past, ahead = NOON - HOUR / 2, NOON + HOUR
    write(response_due_at=past, resolution_due_at=past)
    write(response_due_at=past, resolution_due_at=ahead)
    write(responded=0.75, response_due_at=past)  # answered, but late
    write(responded=0.25, response_due_at=past)
    write(Status.ON_HOLD, paused_at=past - HOUR / 4, response_due_at=past, resolution_due_at=past)
    assert stats(noon["ada"])["sla_breaches"] == {"response": 3, "resolution": 1}


@pytest.mark.parametrize(("hours", "median"), [([3], 3.0), ([1, 5], 3.0), ([9, 1, 2], 2.0), ([1, 2, 3.5, 40], 2.75)])
def test_the_median_is_in_the_middle(
    noon: dict[str, ApiClient], write: Callable[..., Ticket], hours: list[float], median: float
) -> None:
    write()
    for spent in hours:
        write(Status.RESOLVED, age=48, responded=spent / 2, resolved=spent)
    expected = {"response": median * 1_800, "resolution": median * 3_600}
    assert stats(noon["ada"])["median_seconds"] == pytest.approx(expected)


def test_a_day_is_one_in_utc(noon: dict[str, ApiClient], write: Callable[..., Ticket]) -> None:
    write(age=12)  # midnight
    write(age=12.001)
    write(Status.CLOSED, age=36, resolved=1, closed_at=NOON)
    write(age=60.001)  # too long ago
    write(age=60)
    assert stats(noon["ada"], days=3)["per_day"] == [
        {"date": "2026-02-27", "created": 1, "closed": 0},
        {"date": "2026-02-28", "created": 2, "closed": 0},
        {"date": "2026-03-01", "created": 1, "closed": 1},
    ]
    assert len(stats(noon["ada"], days=366)["per_day"]) == 366
    assert len(stats(noon["ada"], days=1)["per_day"]) == 1


def test_reopening_does_not_undo_that_it_was_closed(
    api: Api, ada: User, cleo: User, dan: User, dora: User, make_ticket: MakeTicket
) -> None:
    ticket = make_ticket(Status.CLOSED)
    tickets.add_comment(actor=cleo, ticket_id=ticket.pk, comment="Thank you!")
    tickets.reopen(actor=cleo, ticket_id=ticket.pk, comment="Blank again.")
    asked: list[tuple[User, dict[str, Any], int]] = [
        *((ada, {}, 1), (dan, {"assigned_to": dan.pk}, 1), (ada, {"search": "blank"}, 1)),
        *((ada, {"tag": "x"}, 0), (dora, {}, 0)),
    ]
    for who, query, closed in asked:
        assert sum(day["closed"] for day in stats(api(who), **query)["per_day"]) == closed


def test_people_count_what_they_see(
    api: Api, ada: User, cleo: User, carl: User, dan: User, dora: User, make_ticket: MakeTicket
) -> None:
    make_ticket(assigned_to=[dan])
    make_ticket(created_by=carl)
    make_ticket(Status.CLOSED, assigned_to=[dan, dora])
    for who, seen in [(ada, 3), (cleo, 2), (carl, 1), (dan, 2), (dora, 1)]:
        found = stats(api(who))
        assert found["total"] == sum(found["by_status"].values()) == seen
        assert sum(day["created"] for day in found["per_day"]) == seen


def test_filters_narrow_the_numbers(
    api: Api, ada: User, dan: User, dora: User, carl: User, make_ticket: MakeTicket
) -> None:
    make_ticket(Status.RESOLVED, project_name="Shop", tags=["web", "b"], category="BUG", assigned_to=[dan, dora])
    make_ticket(Status.RESOLVED, created_by=carl, title="rare words")
    tomorrow = (now() + DAY).isoformat()
    narrowed: list[tuple[dict[str, Any], int]] = [
        ({"project_name": "shop", "category": "BUG", "tag": "web", "assigned_to": dan.pk}, 1),
        ({"created_by": carl.pk}, 1),
        ({"search": "rare"}, 1),
        ({"created_before": tomorrow}, 2),
        ({"created_after": tomorrow}, 0),
        ({"status": ["NEW", "RESOLVED"], "sla": "met"}, 2),
        ({"sla": "breached"}, 0),
    ]
    for query, total in narrowed:
        found = stats(api(ada), **query)
        assert found["total"] == found["by_status"]["RESOLVED"] == total
        assert sum(day["created"] for day in found["per_day"]) == total
        assert (found["median_seconds"]["resolution"] is None) == (total == 0)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *(("days", wrong) for wrong in ("0", "367", "-1", "x", "1.5", "\0", "9" * 5_000)),
        *((name, "1") for name in ("page", "page_size", "ordering", "nonsense")),
        *(("status", "new"), ("sla", "late"), ("created_by", "0"), ("created_after", "yesterday")),
    ],
)
def test_what_it_does_not_take_is_refused_by_name(api: Api, cleo: User, name: str, wrong: str) -> None:
    assert set(refused(400, api(cleo).get, f"{STATS}?{urlencode({name: wrong})}")) == {name}


def test_nobody_counts_without_signing_in(anonymous: ApiClient, db: None) -> None:
    assert refused(401, anonymous.get, f"{STATS}?days=x")["code"] == "not_authenticated"


def test_it_is_read_only(api: Api, ada: User) -> None:
    client = api(ada)
    for call in (client.post, client.put, client.patch, client.delete):
        assert refused(405, call, STATS)["code"] == "method_not_allowed"


def test_it_takes_as_many_queries_for_100_as_for_none(noon: dict[str, ApiClient], write: Callable[..., Ticket]) -> None:
    before = queries(lambda: noon["ada"].get(STATS))
    for _ in range(100):
        write(Status.RESOLVED, age=48, responded=1, resolved=2)
    assert queries(lambda: noon["ada"].get(STATS)) == before == 6  # session, counts, two medians, created, closed
