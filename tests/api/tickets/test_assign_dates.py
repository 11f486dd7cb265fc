"""POST /api/tickets/{id}/assign/: the dates that are promised with it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.actions.clocks import iso
from core.models import Ticket, User
from core.serializers.strict import NO_OFFSET
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import Api, assert_recorded, refused, url

DUE, ESTIMATE = "resolution_due_at", "estimated_resolution_time"
NAMES = {DUE: "Resolution due date", ESTIMATE: "Estimated resolution time"}
LEAST = {DUE: timedelta(minutes=30), ESTIMATE: timedelta(minutes=15)}
SECOND, HOUR, YEAR = timedelta(seconds=1), timedelta(hours=1), timedelta(days=365)
AFTER_DUE = {ESTIMATE: ["Estimated resolution time must not be after the resolution due date"]}
each_date = pytest.mark.parametrize("field", [DUE, ESTIMATE])


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Time stands still."""
    moment = datetime.now(UTC).replace(microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


@pytest.fixture
def assign(api: Api, ada: User, dan: User, new_ticket: Ticket, now: datetime) -> Callable[..., Any]:
    """`assign(resolution_due_at=…)` assigns Dan; times may be given as what lies between then and now."""
    client: ApiClient = api(ada)

    def call(**dates: Any) -> Any:
        given = {name: now + date if isinstance(date, timedelta) else date for name, date in dates.items()}
        return client.post(url(new_ticket, "assign"), {"assigned_to": [dan.pk], **given})

    return call


@each_date
def test_a_date_is_at_least_so_far_away(assign: Callable[..., Any], field: str, now: datetime) -> None:
    minutes = LEAST[field] // timedelta(minutes=1)
    answer = refused(400, assign, **{field: LEAST[field] - SECOND})
    assert answer == {field: [f"{NAMES[field]} must be at least {minutes} minutes from now"]}
    for ahead in (LEAST[field], LEAST[field] + SECOND):
        response = assign(**{DUE: None, field: ahead})
        assert (response.status_code, response.json()[field]) == (200, f"{now + ahead:%Y-%m-%dT%H:%M:%SZ}")


@each_date
def test_a_date_has_an_offset(assign: Callable[..., Any], field: str, now: datetime) -> None:
    naive = f"{now + HOUR:%Y-%m-%dT%H:%M:%S}"
    for wrong in (naive, naive.replace("T", " ")):
        assert refused(400, assign, **{field: wrong}) == {field: [NO_OFFSET]}
    assert assign(**{DUE: None, field: f"{now + 2 * HOUR:%Y-%m-%dT%H:%M:%S}+01:00"}).status_code == 200


@each_date
def test_a_date_is_at_most_a_year_away(assign: Callable[..., Any], field: str) -> None:
    answer = refused(400, assign, **{field: YEAR + SECOND})
    assert answer == {field: [f"{NAMES[field]} must be at most 1 year from now"]}
    assert assign(**{DUE: None, field: YEAR}).status_code == 200


@each_date
@pytest.mark.parametrize("ago", [timedelta(), SECOND, HOUR, 10 * YEAR], ids=str)
def test_a_date_in_the_past_is_refused(assign: Callable[..., Any], field: str, ago: timedelta) -> None:
    assert refused(400, assign, **{field: -ago}) == {field: [f"{NAMES[field]} must be in the future"]}


@each_date
@pytest.mark.parametrize(
    "wrong",
    [
        *("", "x", "tomorrow", 5, True, [], {}, "2030-02-30T00:00:00Z", "a\0b"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    ],
    ids=str,
)
def test_what_is_no_time_is_refused(assign: Callable[..., Any], field: str, wrong: object) -> None:
    assert set(refused(400, assign, **{field: wrong})) == {field}


def test_both_can_be_wrong_at_once(assign: Callable[..., Any]) -> None:
    assert set(refused(400, assign, **{DUE: SECOND, ESTIMATE: -SECOND, "assigned_to": []})) == {
        DUE,
        ESTIMATE,
        "assigned_to",
    }


def test_other_zones_are_understood(assign: Callable[..., Any], now: datetime) -> None:
    due = now + HOUR
    there = due.astimezone(timezone.get_fixed_timezone(-330))
    assert assign(**{DUE: there.isoformat()}).json()[DUE] == f"{due:%Y-%m-%dT%H:%M:%SZ}"


def test_the_estimate_is_not_after_the_due_date(assign: Callable[..., Any]) -> None:
    assert refused(400, assign, **{DUE: HOUR, ESTIMATE: HOUR + SECOND}) == AFTER_DUE
    assert assign(**{DUE: HOUR, ESTIMATE: HOUR}).status_code == 200


def test_either_is_compared_with_the_other_as_it_is(assign: Callable[..., Any]) -> None:
    assert assign(**{DUE: 2 * HOUR}).status_code == 200
    assert refused(400, assign, **{ESTIMATE: 2 * HOUR + SECOND}) == AFTER_DUE
    assert assign(**{ESTIMATE: 2 * HOUR}).status_code == 200
    assert refused(400, assign, **{DUE: HOUR}) == {DUE: AFTER_DUE[ESTIMATE]}
    assert refused(400, assign, **{DUE: HOUR, ESTIMATE: 2 * HOUR}) == AFTER_DUE
    assert assign(**{DUE: HOUR, ESTIMATE: None}).status_code == 200


def test_what_is_omitted_stays_and_null_clears(assign: Callable[..., Any]) -> None:
    first = assign(**{DUE: 2 * HOUR, ESTIMATE: HOUR}).json()
    assert None not in (first[DUE], first[ESTIMATE])
    stayed = assign().json()
    assert (stayed[DUE], stayed[ESTIMATE]) == (first[DUE], first[ESTIMATE])
    half = assign(**{DUE: None}).json()
    assert (half[DUE], half[ESTIMATE]) == (None, first[ESTIMATE])
    assert assign(**{ESTIMATE: None}).json()[ESTIMATE] is None


def test_the_history_says_which_dates_changed(
    assign: Callable[..., Any], ada: User, dan: User, new_ticket: Ticket, now: datetime
) -> None:
    assign(**{DUE: HOUR})
    due = f"{now + HOUR:%Y-%m-%dT%H:%M:%SZ}"
    changes = {"assigned_to": [[], [dan.pk]], DUE: [iso(new_ticket.resolution_due_at), due]}
    assert_recorded(new_ticket, ada, "assign", "NEW", "OPEN", changes=changes)
    assign(**{DUE: None})
    changes = {"assigned_to": [[dan.pk], [dan.pk]], DUE: [due, None]}
    assert_recorded(new_ticket, ada, "assign", "OPEN", "OPEN", changes=changes)


def test_a_wrong_date_is_refused_before_a_wrong_state(
    api: Api, ada: User, dan: User, make_ticket: MakeTicket, now: datetime
) -> None:
    ticket = make_ticket(assigned_to=[dan])
    Ticket.objects.filter(pk=ticket.pk).update(status="CANCELLED", paused_at=now)
    body = {"assigned_to": [dan.pk], DUE: now + HOUR, ESTIMATE: now + 2 * HOUR}
    assert refused(400, api(ada).post, url(ticket, "assign"), body) == AFTER_DUE
    assert refused(409, api(ada).post, url(ticket, "assign"), body | {ESTIMATE: now + HOUR})
