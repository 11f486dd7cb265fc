"""Rolling deploys: the release before this one works on this one's tables, while both run side by side."""

from collections.abc import Iterator
from types import FunctionType, MethodType
from uuid import uuid4

import pytest
from django.apps.registry import Apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterModelManagers,
    AlterModelOptions,
    CreateModel,
    RemoveIndex,
    RunPython,
)
from django.db.migrations.operations.base import Operation
from django.utils import timezone

from core.actions import tickets
from core.models import ChannelCircuit, Status, Ticket, User
from core.notifications.claims import claim
from tests.conftest import MakeTicket

PREVIOUS = "0007_tickets_by_session"  # the last migration of the release before; to be moved on with each release
HARMLESS = (CreateModel, AddIndex, AlterModelManagers, AlterModelOptions)

# What one cannot see from the operation, looked at by a person: why the previous release gets on with it.
LOOKED_AT = {
    "0009_verified_numbers: Create constraint verified_number_once on model user": "It verifies no numbers. That it "
    "gives somebody with a verified number another's verified one is refused while both run.",
    "0010_by_itself: Alter field actor on tickethistory": "It names an actor in every row that it "
    "writes, and shows null where there is none.",
    "0013_question_search: install": "A table and triggers beside tables that it does not know.",
    "0013_question_search: fill": "The same.",
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
    return isinstance(operation, AddConstraint | RemoveIndex) and operation.model_name in new_tables


def test_migrations_since_the_previous_release_only_add(loader: MigrationLoader) -> None:
    operations = list(new_operations(loader))
    new_tables = {one.name.lower() for _, one in operations if isinstance(one, CreateModel)}
    others = [f"{name}: {described(one)}" for name, one in operations if not is_additive(one, new_tables)]
    assert sorted(others) == sorted(LOOKED_AT)


def described(operation: Operation) -> str:
    if isinstance(operation, RunPython) and isinstance(operation.code, FunctionType | MethodType):
        return operation.code.__name__
    return operation.describe()


@pytest.mark.django_db
def test_the_previous_release_reads_and_writes_these_tables(loader: MigrationLoader) -> None:
    before: Apps = loader.project_state(("core", PREVIOUS)).apps
    now = timezone.now()
    client = before.get_model("core", "User").objects.create(username="cleo", email="cleo@example.com", role="CLIENT")
    before.get_model("core", "NotificationLog").objects.create(
        recipient=client,
        notification=uuid4(),
        dedupe_key="ticket_opened:1:2",
        notification_type="EMAIL",
        event="ticket_opened",
        resource_type="ticket",
        resource_id=1,
        created_at=now,
        seq=1,
        changed_seq=1,
        unread_seq=1,
        next_attempt_at=now,
    )
    before.get_model("core", "ChannelCircuit").objects.create(channel="WHATSAPP", code="401", open_until=now)
    for model in before.get_app_config("core").get_models():
        list(model._default_manager.all())  # every column it knows is there
    claimed = claim("EMAIL").rows
    assert [(row.event, row.is_critical, row.is_fallback) for row in claimed] == [("ticket_opened", False, False)]
    assert ChannelCircuit.objects.get().openings == 1
    assert not User.objects.get().whatsapp_opted_in


@pytest.mark.django_db(transaction=True)
def test_a_database_that_went_back_comes_forward_again(make_ticket: MakeTicket, dan: User) -> None:
    ticket = tickets.hold(actor=dan, ticket_id=make_ticket(Status.IN_PROGRESS).pk, comment="Waits for a part")
    try:
        call_command("migrate", "core", PREVIOUS, verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    assert Ticket.objects.get().paused_at == ticket.updated_at
