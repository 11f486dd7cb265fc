"""Putting developers on a ticket."""

from collections.abc import Collection
from datetime import datetime
from enum import Enum
from typing import Final

from django.db import transaction

from core.actions import unread
from core.actions.clocks import iso
from core.actions.step import Step, Versions
from core.domain.errors import Conflict, Invalid
from core.domain.transitions import require_may
from core.models import Assignment, Role, Status, Ticket, User


class Omitted(Enum):
    """A date that was not given stays as it is; None clears it."""

    OMITTED = "omitted"


OMITTED: Final = Omitted.OMITTED
Date = datetime | Omitted | None
CHANGED_MEANWHILE = "Somebody else has just assigned this ticket. Look at it again."
ESTIMATE_AFTER_DUE = "Estimated resolution time must not be after the resolution due date"


def assign(
    *,
    actor: User,
    ticket_id: int,
    assigned_to: Collection[int],
    resolution_due_at: Date = OMITTED,
    estimated_resolution_time: Date = OMITTED,
    instead_of: Collection[int] | None = None,
    if_version: Versions = None,
) -> Ticket:
    """An admin puts exactly these developers on a ticket; a NEW one becomes OPEN.

    `instead_of`: the developers whom the caller has seen on it; Conflict when others have been put there meanwhile.

    The newly assigned and the removed, whose watches end, are told, and the creator of a ticket that was NEW. Raises
    Invalid for people who are not active developers, and for an estimate after the due date.
    """
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        require_may("assign", step.ticket.status, step.part)  # before anything is said of the input
        wanted = active_developers(assigned_to)
        changes = plan(step.ticket, resolution_due_at, estimated_resolution_time)
        step.take("assign", if_version)
        recorded = {name: [iso(getattr(step.ticket, name)), iso(value)] for name, value in changes.items()}
        for name, value in changes.items():
            setattr(step.ticket, name, value)
        before = set(step.assignee_ids)
        if instead_of is not None and set(instead_of) != before:
            raise Conflict(CHANGED_MEANWHILE, code="assigned_meanwhile")
        added, removed = [pk for pk in wanted if pk not in before], sorted(before - set(wanted))
        take_off(step, removed)
        Assignment.objects.bulk_create(
            Assignment(ticket=step.ticket, user_id=pk, assigned_by=actor, assigned_at=step.now) for pk in added
        )
        opened = open_if_new(step)
        step.assignee_ids = tuple(wanted)
        unread.sight_changed(step, lost=removed, gained=added)
        return step.finish(
            "assign",
            tell=["ticket_assigned", "ticket_unassigned", *opened],
            changes={"assigned_to": [sorted(before), sorted(wanted)]} | recorded,
            newly_assigned_ids=tuple(added),
            unassigned_ids=tuple(removed),
        )


def active_developers(ids: Collection[int]) -> list[int]:
    """These ids in their order; Invalid names those who are not active developers."""
    active = set(User.objects.filter(pk__in=ids, role=Role.DEVELOPER, is_active=True).values_list("pk", flat=True))
    if wrong := [pk for pk in ids if pk not in active]:
        listed = ", ".join(map(str, wrong))
        raise Invalid({"assigned_to": [f"Not active developers: {listed}."]})
    return list(dict.fromkeys(ids))


def plan(ticket: Ticket, due: Date, estimate: Date) -> dict[str, datetime | None]:
    """The dates that change; Invalid, of the given one, when the estimate would lie after the due date."""
    given = {"resolution_due_at": due, "estimated_resolution_time": estimate}
    changes = {name: value for name, value in given.items() if value is not OMITTED}
    after = {name: changes.get(name, getattr(ticket, name)) for name in given}
    if all(after.values()) and after["estimated_resolution_time"] > after["resolution_due_at"]:
        wrong = "resolution_due_at" if estimate is OMITTED else "estimated_resolution_time"
        raise Invalid({wrong: [ESTIMATE_AFTER_DUE]})
    return changes


def take_off(step: Step, people: Collection[int]) -> None:
    """They work on the ticket no more, and watch it no more: or they would still see it."""
    step.ticket.assignments.filter(user__in=people).delete()
    step.ticket.watches.filter(user__in=people).delete()
    step.watcher_ids = tuple(pk for pk in step.watcher_ids if pk not in people)


def open_if_new(step: Step) -> list[str]:
    """Assigning a NEW ticket opens it; return the events that says."""
    if step.ticket.status != Status.NEW:
        return []
    step.move(Status.OPEN)
    step.ticket.opened_at = step.now
    return ["ticket_opened"]
