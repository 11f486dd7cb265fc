"""The migrations say what the models say, and the search's triggers have outlived them."""

import re

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from core.migrations import _search
from core.models import Comment, Ticket, TicketWords, User
from tests.conftest import MakeTicket
from tests.tickets import URL, Api

TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ticketwords_of_%'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'ticketwords_of_%'",
}


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=3)


@pytest.mark.django_db
def test_no_migration_has_dropped_the_triggers_of_the_search() -> None:
    made = _search.script(connection.schema_editor(), "search_triggers")
    assert triggers() == set(re.findall(r"ticketwords_of_\w+", made))


@pytest.mark.django_db(transaction=True)
def test_the_index_can_be_taken_down_and_made_again(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    ticket = make_ticket(title="Router down")
    Comment.objects.create(ticket=ticket, author=ada, body="Reboot", is_internal=True, created_at=ticket.created_at)
    with connection.schema_editor() as editor:
        _search.uninstall(apps, editor)
    assert triggers() == set()
    Ticket.objects.filter(pk=ticket.pk).update(title="Switch down")
    with connection.schema_editor() as editor:
        _search.install(apps, editor)
        _search.install(apps, editor)
    for _ in range(2):
        with connection.schema_editor() as editor:
            _search.fill(apps, editor)
    assert TicketWords.objects.count() == 1
    for text, count in (("INC-0 switch reboot", 1), ("router", 0)):
        assert api(ada).get(URL, {"search": text}).json()["count"] == count


def triggers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS[connection.vendor])
        return {name for (name,) in cursor.fetchall()}
