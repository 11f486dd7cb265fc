"""The migrations say what the models say, and the searches' triggers have outlived them."""

import re

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from core.migrations import _search
from core.models import Comment, Question, QuestionWords, Ticket, TicketWords, User
from tests.conftest import MakeTicket
from tests.questions import ask, reply
from tests.tickets import URL, Api

TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%words_of_%'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgname LIKE '%words_of_%'",
}


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=3)


@pytest.mark.django_db
def test_no_migration_has_dropped_the_triggers_of_the_search() -> None:
    assert triggers() == made(_search.TICKETS) | made(_search.QUESTIONS)


def made(index: _search.Index) -> set[str]:
    script = _search.script(connection.schema_editor(), f"{index.name}_triggers")
    return set(re.findall(r"\w+words_of_\w+", script))


@pytest.mark.django_db(transaction=True)
def test_the_indexes_can_be_taken_down_and_made_again(api: Api, ada: User, make_ticket: MakeTicket) -> None:
    ticket, question = make_ticket(title="Router down"), ask(ada, "Is the router down?")
    Comment.objects.create(ticket=ticket, author=ada, body="Reboot", is_internal=True, created_at=ticket.created_at)
    reply(ada, question, "Reboot")
    with connection.schema_editor() as editor:
        _search.QUESTIONS.uninstall(apps, editor)  # it uses functions of the other
        _search.uninstall(apps, editor)
    assert triggers() == set()
    for rows in (Ticket.objects.filter(pk=ticket.pk), Question.objects.filter(pk=question.pk)):
        rows.update(title="Switch down")
    for index in (_search.TICKETS, _search.QUESTIONS):
        with connection.schema_editor() as editor:
            index.install(apps, editor)
            index.install(apps, editor)
        for _ in range(2):
            with connection.schema_editor() as editor:
                index.fill(apps, editor)
    assert (TicketWords.objects.count(), QuestionWords.objects.count()) == (1, 1)
    for where in (URL, "/api/questions/"):
        for text, count in (("switch reboot", 1), ("router", 0)):
            assert api(ada).get(where, {"search": text}).json()["count"] == count


def triggers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS[connection.vendor])
        return {name for (name,) in cursor.fetchall()}
