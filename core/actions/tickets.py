"""The verbs of a ticket's life. Each is one transaction: rules, change, history, announcement.

All raise NotVisible, NotAllowed, VersionMismatch or InvalidTransition and then have changed nothing.
"""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.actions import clocks, unread
from core.actions.assign import assign
from core.actions.comments import add_comment
from core.actions.follow import mute, unmute, unwatch, watch
from core.actions.hold import hold, resume
from core.actions.step import Step, Versions
from core.actions.tags import set_tags
from core.domain.policies import require_editable, require_may_create, require_may_delete, require_may_edit
from core.models import Category, Priority, Ticket, User

__all__ = [
    "add_comment",
    "approve",
    "assign",
    "cancel",
    "create",
    "delete",
    "finish_work",
    "hold",
    "mute",
    "open_ticket",
    "reject",
    "reopen",
    "resume",
    "start_work",
    "unmute",
    "unwatch",
    "update",
    "watch",
]

EDITABLE = ("title", "description", "project_name", "category", "priority")


def create(
    *,
    actor: User,
    title: str,
    description: str,
    project_name: str = "",
    category: str = Category.OTHER,
    priority: str = Priority.MEDIUM,
    tags: Collection[str] = (),
) -> Ticket:
    """A client or an admin raises a ticket; admins are told."""
    require_may_create(actor.role)
    now = timezone.now()
    ticket = Ticket(
        title=title,
        description=description,
        project_name=project_name,
        category=category,
        priority=priority,
        created_by=actor,
        created_at=now,
        updated_at=now,
    )
    promised = clocks.start(ticket)
    with transaction.atomic():
        ticket.save()
        if tags:
            set_tags(ticket, tags)
        return Step(actor, ticket, now=now).finish("create", tell=["ticket_created"], changes=promised)


def update(*, actor: User, ticket_id: int, if_version: Versions = None, **fields: Any) -> Ticket:
    """Correct what a ticket says: EDITABLE fields and `tags`. Writes history, notifies nobody."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        require_may_edit(step.ticket.status, step.part)
        step.require_version(if_version)
        require_editable(step.ticket, step.part, step.now)
        given = {name: [getattr(step.ticket, name), fields[name]] for name in EDITABLE if name in fields}
        changes = {name: pair for name, pair in given.items() if pair[0] != pair[1]}
        for name, (_, value) in changes.items():
            setattr(step.ticket, name, value)
        if "priority" in changes:
            changes |= clocks.reprioritise(step.ticket)
        if "tags" in fields and (tags := set_tags(step.ticket, fields["tags"])):
            changes["tags"] = tags
        return step.finish("update", changes=changes) if changes else step.ticket


def open_ticket(*, actor: User, ticket_id: int, if_version: Versions = None) -> Ticket:
    """An admin accepts a new ticket; its creator is told."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("open_ticket", if_version)
        step.ticket.opened_at = step.now
        return step.finish("open_ticket", tell=["ticket_opened"])


def start_work(*, actor: User, ticket_id: int, if_version: Versions = None) -> Ticket:
    """An assigned developer starts; the creator is told."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("start_work", if_version)
        step.ticket.started_at = step.ticket.started_at or step.now
        return step.finish("start_work", tell=["work_started"])


def finish_work(*, actor: User, ticket_id: int, comment: str = "", if_version: Versions = None) -> Ticket:
    """An assigned developer says it is done; creator and admins are told."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("finish_work", if_version)
        step.ticket.resolved_at = step.now
        return step.finish("finish_work", tell=["work_finished"], comment=comment)


def approve(*, actor: User, ticket_id: int, if_version: Versions = None) -> Ticket:
    """The creator accepts the work; admins and assignees are told."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("approve", if_version)
        step.ticket.closed_at = step.now
        return step.finish("approve", tell=["ticket_approved"])


def reject(*, actor: User, ticket_id: int, comment: str, if_version: Versions = None) -> Ticket:
    """The creator sends the work back; admins and assignees are told why."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("reject", if_version)
        done_at, step.ticket.resolved_at = step.ticket.resolved_at, None
        promised = clocks.run_on(step.ticket, done_at)
        return step.finish("reject", tell=["ticket_rejected"], comment=comment, changes=promised)


def reopen(*, actor: User, ticket_id: int, comment: str, if_version: Versions = None) -> Ticket:
    """Creator or admin bring a ticket back that was closed lately; admins and assignees, who stay, are told why."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("reopen", if_version)
        step.ticket.resolved_at = step.ticket.closed_at = None
        promised = clocks.restart(step.ticket, step.now)
        return step.finish("reopen", tell=["ticket_reopened"], comment=comment, changes=promised)


def cancel(*, actor: User, ticket_id: int, comment: str, if_version: Versions = None) -> Ticket:
    """An admin, or the creator while it is NEW, gives a ticket up; creator, assignees and admins are told why."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("cancel", if_version)
        return step.finish("cancel", tell=["ticket_cancelled"], comment=comment)


def delete(*, actor: User, ticket_id: int, if_version: Versions = None) -> None:
    """An admin puts a ticket out of everybody's sight; nobody is told. Its rows stay."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        require_may_delete(step.part)
        step.require_version(if_version)
        step.ticket.deleted_at = step.now
        step.finish("delete")
        unread.room_closed(step)
