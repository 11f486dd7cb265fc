"""Rolling deploys: the release before this one works on this one's tables, while both run side by side."""

from collections.abc import Iterator
from datetime import timedelta
from types import FunctionType

import pytest
from django.apps.registry import Apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterModelManagers,
    AlterModelOptions,
    CreateModel,
    RunPython,
)
from django.db.migrations.operations.base import Operation
from django.utils import timezone

from core.actions import tickets
from core.actions.clocks import targets
from core.domain import sla
from core.models import Status, Ticket, User
from tests.conftest import MakeTicket

PREVIOUS = "0001_initial"  # the last migration of the release before; to be moved on with each release
HARMLESS = (CreateModel, AddIndex, AlterModelManagers, AlterModelOptions)

# What one cannot see from the operation, looked at by a person: why the previous release gets on with it.
LOOKED_AT = {
    "0002_tickets_in_full: Create constraint ticket_paused_when_it_waits on model ticket": (
        "It writes neither ON_HOLD nor CANCELLED, and may leave `paused_at` behind when it moves a ticket on."
    ),
    "0002_tickets_in_full: pause": "One statement on tickets that wait, of which the previous release writes none.",
    "0003_search: install": "A table of its own, filled by triggers that leave the other tables alone.",
    "0003_search: fill": "Writes that table only, in batches.",
    "0004_names_in_ascii: Alter field email on user": "Only what new input is checked for; the column stays.",
    "0004_names_in_ascii: Alter field username on user": "Only what new input is checked for; the column stays.",
    "0007_tickets_by_session: Alter field session on onetimeticket": "An index of a table that it does not know.",
}


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None)


def new_operations(loader: MigrationLoader) -> Iterator[tuple[str, Operation]]:
    plan = loader.graph.forwards_plan(("core", max(name for app, name in loader.graph.leaf_nodes() if app == "core")))
    ours = [name for app, name in plan if app == "core"]
    for name in ours[ours.index(PREVIOUS) + 1 :]:
        for operation in loader.get_migration("core", name).operations:
            yield name, operation


def is_additive(operation: Operation, new_tables: set[str]) -> bool:
    """Whether code that does not know of it reads and writes as before."""
    if isinstance(operation, HARMLESS):
        return True
    if isinstance(operation, AddField):
        field = operation.field
        optional = field.many_to_many or (field.null and not field.unique) or field.has_db_default()
        return optional or operation.model_name in new_tables
    return isinstance(operation, AddConstraint) and operation.model_name in new_tables


def test_migrations_since_the_previous_release_only_add(loader: MigrationLoader) -> None:
    operations = list(new_operations(loader))
    new_tables = {one.name.lower() for _, one in operations if isinstance(one, CreateModel)}
    others = [f"{name}: {described(one)}" for name, one in operations if not is_additive(one, new_tables)]
    assert sorted(others) == sorted(LOOKED_AT)


def described(operation: Operation) -> str:
    if isinstance(operation, RunPython) and isinstance(operation.code, FunctionType):
        return operation.code.__name__
    return operation.describe()


@pytest.mark.django_db
def test_the_previous_release_reads_and_writes_these_tables(loader: MigrationLoader) -> None:
    before: Apps = loader.project_state(("core", PREVIOUS)).apps
    now = timezone.now()
    client = before.get_model("core", "User").objects.create(username="cleo", email="cleo@example.com", role="CLIENT")
    ticket = before.get_model("core", "Ticket").objects.create(
        title="Printer on fire", created_by=client, created_at=now, updated_at=now, response_due_at=now
    )
    before.get_model("core", "Comment").objects.create(ticket=ticket, author=client, body="Help", created_at=now)
    ticket.status, ticket.opened_at = "OPEN", now
    ticket.save()
    Ticket.objects.filter(pk=ticket.pk).update(status="ON_HOLD", paused_at=now)
    ticket.status, ticket.started_at = "IN_PROGRESS", now
    ticket.save()
    for model in before.get_app_config("core").get_models():
        list(model._default_manager.all())  # every column it knows is there
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_internal, deleted_at, paused_at FROM core_comment, core_ticket")
        assert [tuple(map(bool, row)) for row in cursor.fetchall()] == [(False, False, True)]
    found = sla.states(Ticket.objects.get(), now + timedelta(days=1), targets())
    assert found == {"response": "breached", "resolution": "ok"}


@pytest.mark.django_db(transaction=True)
def test_a_database_that_went_back_comes_forward_again(make_ticket: MakeTicket, dan: User) -> None:
    ticket = tickets.hold(actor=dan, ticket_id=make_ticket(Status.IN_PROGRESS).pk, comment="Waits for a part")
    try:
        call_command("migrate", "core", PREVIOUS, verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    assert Ticket.objects.get().paused_at == ticket.updated_at
