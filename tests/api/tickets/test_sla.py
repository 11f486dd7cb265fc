"""GET /api/tickets/?sla=…: by where the promises of tickets stand."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils.timezone import now

from core.models import Ticket, User
from tests.conftest import MakeTicket
from tests.openapi import ApiClient
from tests.tickets import URL, Api, queries, refused

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def board(make_ticket: MakeTicket, cleo: User) -> None:
    """Tickets named for their states: response, resolution."""
    at = now()
    due = {"ok": at + 5 * HOUR, "due_soon": at + 30 * MINUTE, "breached": at - MINUTE, "met": at}
    for response, resolution in [
        ("met", "met"),
        ("met", "due_soon"),
        ("ok", "ok"),
        ("due_soon", "ok"),
        ("breached", "met"),
        ("ok", "breached"),
    ]:
        Ticket.objects.create(
            title=f"{response} {resolution}",
            created_by=cleo,
            created_at=at,
            updated_at=at,
            response_due_at=due[response],
            first_responded_at=at - MINUTE if response == "met" else None,
            resolution_due_at=due[resolution],
            resolved_at=at - MINUTE if resolution == "met" else None,
        )


def found(client: ApiClient, **query: Any) -> set[str]:
    rows = client.get(f"{URL}?{urlencode(query, doseq=True)}").json()["results"]
    for row in rows:
        assert row["title"] == f"{row['sla']['response']} {row['sla']['resolution']}"
    return {row["title"] for row in rows}


@pytest.mark.parametrize(
    ("state", "titles"),
    [
        ("breached", {"breached met", "ok breached"}),
        ("due_soon", {"met due_soon", "due_soon ok"}),
        ("ok", {"ok ok"}),
        ("met", {"met met"}),
        (["ok", "met"], {"ok ok", "met met"}),
    ],
)
def test_a_ticket_is_found_by_the_worse_of_its_states(
    api: Api, ada: User, board: None, state: object, titles: set[str]
) -> None:
    assert found(api(ada), sla=state) == titles


def test_each_clock_can_be_asked_for(api: Api, ada: User, board: None) -> None:
    client = api(ada)
    assert found(client, sla_response="met") == {"met met", "met due_soon"}
    assert found(client, sla_resolution=["breached", "due_soon"]) == {"met due_soon", "ok breached"}
    assert (
        found(client, sla_response="ok", sla_resolution="ok") == found(client, sla_response="ok", sla="ok") == {"ok ok"}
    )
    assert queries(lambda: client.get(f"{URL}?sla=ok")) == queries(lambda: client.get(URL))


@pytest.mark.parametrize("name", ["sla", "sla_response", "sla_resolution"])
@pytest.mark.parametrize("wrong", ["late", "", "BREACHED", "\0"])
def test_other_states_are_refused(api: Api, ada: User, name: str, wrong: str) -> None:
    assert set(refused(400, api(ada).get, f"{URL}?{urlencode({name: wrong})}")) == {name}
