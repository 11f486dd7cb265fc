"""Somebody raises a ticket while a batch of an import holds the feeds of all who are told. SQLite has one lock only."""

from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from core.actions import jobs, tickets
from core.jobs.runner import work
from core.models import JobRun, Role, Ticket, User
from tests.actions.test_ticket_races import somebody_waits_for_a_lock, together
from tests.notifications.support import wait_until
from tests.tickets import newcomers

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="needs PostgreSQL"),
]
TABLE = "title,description,tags\nx,x,one\nx,x,two\n"


def test_somebody_uses_a_tag_of_a_later_row_without_a_deadlock(
    ada: User, cleo: User, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They hold the tag and wait for the feeds, were it not there already; the import would wait for the tag."""
    newcomers(Role.ADMIN, 1)
    params = {"dry_run": False, "on_error": "skip"}
    jobs.start(owner=ada, name="import", params=params, upload=ContentFile(TABLE.encode(), "tickets.csv"))
    create, holding = tickets.create, Event()

    def imported(**fields: Any) -> Ticket:
        ticket = create(**fields)
        if fields["tags"] == ["one"]:
            holding.set()
            wait_until(somebody_waits_for_a_lock, within=10)
        return ticket

    def raised() -> None:
        holding.wait(10)
        create(actor=cleo, title="Blank page", description="Since this morning.", tags=["two"])

    monkeypatch.setattr(tickets, "create", imported)
    assert together(work, raised) == {"NoneType": 2}
    assert JobRun.objects.get().status == "SUCCEEDED"
    assert Ticket.objects.filter(tags__name="two").count() == 2
