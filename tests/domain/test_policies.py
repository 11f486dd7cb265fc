"""Who sees, creates and edits; and that Python and SQL say the same."""

from itertools import product

import pytest
from django.utils.timezone import now

from core.domain.errors import InvalidTransition, NotAllowed
from core.domain.policies import require_editable, require_may_create, require_may_delete, require_may_edit, sees_ticket
from core.domain.transitions import Part, part_of
from core.models import Assignment, Role, Status, Ticket, User, Watch
from tests.tickets import ALWAYS

FLAGS = (False, True)
PARTS = [Part(role, *flags) for role, *flags in product(Role, FLAGS, FLAGS, FLAGS)]
every_part = pytest.mark.parametrize("part", PARTS, ids=str)


@every_part
def test_a_ticket_is_seen_by_admins_its_client_and_its_developers(part: Part) -> None:
    reasons = {Role.ADMIN: True, Role.CLIENT: part.is_creator, Role.DEVELOPER: part.is_assignee or part.is_watcher}
    assert sees_ticket(part) is reasons[Role(part.role)]


@every_part
def test_the_query_finds_what_the_policy_shows(part: Part, cleo: User, dan: User) -> None:
    user = User.objects.create(username="eve", email="eve@example.com", role=part.role)
    at = now()
    words = {"title": "x", "description": "x", "created_at": at, "updated_at": at}
    ticket = Ticket.objects.create(created_by=user if part.is_creator else cleo, **words)
    for person in [user, dan] if part.is_assignee else [dan]:
        Assignment.objects.create(ticket=ticket, user=person, assigned_by=dan, assigned_at=at)
    for person in [user, dan] if part.is_watcher else [dan]:
        Watch.objects.create(ticket=ticket, user=person, created_at=at)
    team, watchers = ([row.user_id for row in rows.all()] for rows in (ticket.assignments, ticket.watches))
    assert part_of(user, creator_id=ticket.created_by_id, assignee_ids=team, watcher_ids=watchers) == part
    assert list(Ticket.objects.visible_to(user)) == ([ticket] if sees_ticket(part) else [])
    Ticket.objects.update(deleted_at=at)
    assert not Ticket.objects.visible_to(user)


def test_clients_and_admins_raise_tickets() -> None:
    require_may_create(Role.CLIENT)
    require_may_create(Role.ADMIN)
    with pytest.raises(NotAllowed):
        require_may_create(Role.DEVELOPER)


@every_part
def test_only_admins_delete(part: Part) -> None:
    if part.role == Role.ADMIN:
        require_may_delete(part)
    else:
        with pytest.raises(NotAllowed):
            require_may_delete(part)


@every_part
@pytest.mark.parametrize("status", Status)
def test_an_admin_edits_and_the_creator_while_it_is_new(status: Status, part: Part) -> None:
    if part.role == Role.ADMIN or (part.is_creator and status == Status.NEW):
        require_may_edit(status, part)
    else:
        with pytest.raises(NotAllowed):
            require_may_edit(status, part)


@pytest.mark.parametrize("status", Status)
def test_what_is_over_is_not_edited(status: Status) -> None:
    admin = Part(Role.ADMIN, is_creator=False, is_assignee=False)
    ticket = Ticket(status=status, closed_at=now() if status == Status.CLOSED else None)
    if status not in {Status.CLOSED, Status.CANCELLED}:
        require_editable(ticket, admin, now())
        return
    with pytest.raises(InvalidTransition) as refused:
        require_editable(ticket, admin, now())
    allowed = ["reopen", *ALWAYS] if status == Status.CLOSED else ALWAYS
    assert (refused.value.status, refused.value.allowed_actions) == (status, allowed)
