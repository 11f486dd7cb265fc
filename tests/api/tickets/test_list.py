"""GET /api/tickets/"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils.timezone import now

from core.models import Role, Status, Ticket, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import URL, Api, newcomers, queries, refused, url

TODAY = now().replace(hour=12, minute=0, second=0, microsecond=0)


def titles(client: ApiClient, **query: Any) -> list[str]:
    """The titles listed, in order."""
    response = client.get(f"{URL}?{urlencode(query, doseq=True)}")
    assert response.status_code == 200, response.content
    found = [ticket["title"] for ticket in response.json()["results"]]
    assert response.json()["count"] >= len(found)
    return found


@pytest.fixture
def board(make_ticket: MakeTicket, dan: User, dora: User, carl: User) -> dict[str, Ticket]:
    """Four tickets, the newest last; b, c and d were created today, a yesterday, and c is due today."""
    tickets = [
        make_ticket(title="a", priority="LOW", category="BUG", project_name="Shop", tags=["ärger", "web"]),
        make_ticket(title="b", priority="CRITICAL", category="BUG", created_by=carl, assigned_to=[dan]),
        make_ticket(Status.IN_PROGRESS, title="c", priority="HIGH", project_name="shop", assigned_to=[dan, dora]),
        make_ticket(Status.CLOSED, title="d", category="FEATURE", tags=["web"], assigned_to=[dora]),
    ]
    for ticket, age in zip(tickets, (1, 0, 0, 0), strict=True):
        Ticket.objects.filter(pk=ticket.pk).update(created_at=TODAY - timedelta(days=age))
    Ticket.objects.update(resolution_due_at=None)
    Ticket.objects.filter(title="c").update(resolution_due_at=TODAY)
    Ticket.objects.filter(title="b").update(resolution_due_at=TODAY + timedelta(days=1))
    return {ticket.title: ticket for ticket in tickets}


@pytest.mark.parametrize(
    ("who", "seen"), [("ada", "dcba"), ("cleo", "dca"), ("carl", "b"), ("dan", "cb"), ("dora", "dc")]
)
def test_people_see_what_is_theirs_newest_first(
    api: Api, ada: User, board: dict[str, Ticket], who: str, seen: str
) -> None:
    client = api(User.objects.get(username=who))
    assert titles(client) == list(seen)
    for row in client.get(URL).json()["results"]:
        assert client.get(url(row["id"])).json() == row


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "NEW"}, "a"),
        ({"status": ["NEW", "IN_PROGRESS"]}, "ca"),
        ({"status": "ON_HOLD"}, ""),
        ({"priority": "MEDIUM"}, "d"),
        ({"priority": ["LOW", "CRITICAL"]}, "ba"),
        ({"category": "BUG"}, "ba"),
        ({"category": ["BUG", "FEATURE"], "priority": "LOW"}, "a"),
        ({"tag": "web"}, "da"),
        ({"tag": " WEB "}, "da"),
        ({"tag": "ÄRGER"}, "a"),
        ({"tag": "we"}, ""),
        ({"project_name": "SHOP"}, "ca"),
        ({"created_after": TODAY.isoformat()}, "dcb"),
        ({"created_before": TODAY.isoformat()}, "a"),
        ({"due_before": (TODAY + timedelta(seconds=1)).isoformat()}, "c"),
        ({"due_before": TODAY.isoformat()}, ""),
        ({"due_before": "2999-01-01T00:00:00+02:00"}, "cb"),
        ({"assigned_to": 2**63 - 1}, ""),
        ({"status": "NEW", "tag": "web", "project_name": "shop"}, "a"),
    ],
    ids=str,
)
def test_filters_narrow_the_list(
    api: Api, ada: User, board: dict[str, Ticket], query: dict[str, Any], found: str
) -> None:
    assert titles(api(ada), **query) == list(found)


def test_one_finds_the_tickets_of_people(
    api: Api, ada: User, dan: User, dora: User, cleo: User, carl: User, board: dict[str, Ticket]
) -> None:
    assert titles(api(ada), assigned_to=dan.pk) == ["c", "b"]
    assert titles(api(ada), assigned_to=dora.pk) == ["d", "c"]
    assert titles(api(ada), created_by=carl.pk) == ["b"]
    assert titles(api(dan), created_by=cleo.pk) == ["c"]
    assert titles(api(carl), assigned_to=dora.pk) == []


@pytest.mark.parametrize(
    ("ordering", "order"),
    [
        ("id", "abcd"),
        ("-id", "dcba"),
        ("title", "abcd"),
        ("-title", "dcba"),
        ("priority", "adcb"),
        ("-priority", "bcda"),
        ("created_at", "adcb"),
        ("-created_at", "dcba"),
        ("resolution_due_at", "cbda"),
        ("-resolution_due_at", "bcda"),
        ("updated_at", "abcd"),
        ("status", "abcd"),
        ("-status,title", "dcba"),
        ("", "dcba"),
    ],
)
def test_the_order_can_be_chosen(api: Api, ada: User, board: dict[str, Ticket], ordering: str, order: str) -> None:
    assert titles(api(ada), ordering=ordering) == list(order)


IDS = ["x", "0", "-1", "1.5", str(2**63), "9" * 5_000, "nan", "\0", "1 or 1=1"]
TIMES = [
    *("x", "yesterday", "\0", "2030-02-30", "2030-02-01", "2030-02-01T12:00:00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *((name, wrong) for name in ("assigned_to", "created_by") for wrong in IDS),
        *((name, wrong) for name in ("created_after", "created_before", "due_before") for wrong in TIMES),
        *((name, wrong) for name in ("status", "priority", "category") for wrong in ("x", "", "new", "\0")),
        *((name, "\0") for name in ("tag", "project_name")),
        *(("ordering", wrong) for wrong in ("x", "password", "title,x", "--title", "assigned_to")),
        *(("page_size", wrong) for wrong in ("0", "-1", "x", "", "1.5", "\u0661", "²", "9" * 5_000)),
        *(("page", wrong) for wrong in ("0", "-1", "x", "", "1.5", "\u0661", "last", "\0")),
        *((name, "1") for name in ("statuss", "assigned_to__role", "id", "q", "\0", "page[]")),
    ],
)
def test_what_is_no_filter_is_refused_by_name(api: Api, ada: User, new_ticket: Ticket, name: str, wrong: str) -> None:
    assert set(refused(400, api(ada).get, f"{URL}?{urlencode({name: wrong})}")) == {name}


def test_pages_of_20_lead_to_each_other(api: Api, ada: User, cleo: User, raise_many: Callable[[int], None]) -> None:
    raise_many(41)
    seen, where, sizes = [], URL, []
    while where:
        page = api(ada).get(where).json()
        assert page["count"] == 41
        seen += [row["id"] for row in page["results"]]
        sizes.append(len(page["results"]))
        where = page["next"]
    assert sizes == [20, 20, 1]
    assert seen == sorted(set(seen), reverse=True)
    previous = api(ada).get(page["previous"]).json()
    assert [row["id"] for row in previous["results"]] == seen[20:40]


@pytest.mark.parametrize(("size", "rows"), [(1, 1), (100, 100), (101, 100), (999_999_999, 100)])
def test_a_page_has_up_to_100(api: Api, ada: User, raise_many: Callable[[int], None], size: int, rows: int) -> None:
    raise_many(101)
    page = api(ada).get(f"{URL}?page_size={size}").json()
    assert (page["count"], len(page["results"])) == (101, rows)


@pytest.mark.parametrize("page", ["2", "9" * 30, "9" * 5_000])
def test_a_page_past_the_end_is_not_found(api: Api, ada: User, new_ticket: Ticket, page: str) -> None:
    assert refused(404, api(ada).get, f"{URL}?{urlencode({'page': page})}")["code"] == "not_found"


def test_an_empty_list_has_one_page(api: Api, carl: User, new_ticket: Ticket) -> None:
    assert api(carl).get(f"{URL}?page=1").json() == {"count": 0, "next": None, "previous": None, "results": []}


def test_nobody_lists_without_signing_in(anonymous: ApiClient, new_ticket: Ticket) -> None:
    for query in ("", "?nonsense=1", "?page=9"):
        assert refused(401, anonymous.get, URL + query)["code"] == "not_authenticated"


@pytest.mark.parametrize("who", ["ada", "dan", "cleo"])
def test_it_takes_as_many_queries_for_30_as_for_3(
    api: Api, ada: User, dan: User, make_ticket: MakeTicket, who: str
) -> None:
    client = api(User.objects.get(username=who))
    team = newcomers(Role.DEVELOPER, 3)

    def count(rows: int) -> int:
        while Ticket.objects.count() < rows:
            make_ticket(assigned_to=[dan, *team], tags=["a", "b"])
        assert len(client.get(f"{URL}?page_size=50").json()["results"]) == rows
        return queries(lambda: client.get(f"{URL}?page_size=50"))

    assert count(3) == count(30) == 4  # session, count, tickets with creators, assignees and tags


@pytest.fixture
def raise_many(cleo: User) -> Callable[[int], None]:
    """Write many plain tickets of Cleo's."""

    def write(many: int) -> None:
        at = now()
        rows = (Ticket(title="x", description="x", created_by=cleo, created_at=at, updated_at=at) for _ in range(many))
        Ticket.objects.bulk_create(rows)

    return write
