"""The verbs of a ticket's life. Each is one transaction: rules, change, history, announcement.

All raise NotVisible, NotAllowed or InvalidTransition and then have changed nothing.
"""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.actions.assign import assign
from core.actions.step import Step
from core.actions.tags import set_tags
from core.domain.policies import require_editable, require_may_create, require_may_edit
from core.models import Category, Comment, Priority, Ticket, User

__all__ = [
    "add_comment",
    "approve",
    "assign",
    "create",
    "finish_work",
    "open_ticket",
    "reject",
    "start_work",
    "update",
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
    with transaction.atomic():
        ticket.save()
        if tags:
            set_tags(ticket, tags)
        return Step(actor, ticket, (), now).finish("create", tell=["ticket_created"])


def update(*, actor: User, ticket_id: int, **fields: Any) -> Ticket:
    """Correct what a ticket says: EDITABLE fields and `tags`. Writes history, notifies nobody."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        require_may_edit(step.ticket.status, step.part)
        require_editable(step.ticket.status, step.part)
        given = {name: [getattr(step.ticket, name), fields[name]] for name in EDITABLE if name in fields}
        changes = {name: pair for name, pair in given.items() if pair[0] != pair[1]}
        for name, (_, value) in changes.items():
            setattr(step.ticket, name, value)
        if "tags" in fields and (tags := set_tags(step.ticket, fields["tags"])):
            changes["tags"] = tags
        return step.finish("update", changes=changes) if changes else step.ticket


def open_ticket(*, actor: User, ticket_id: int) -> Ticket:
    """An admin accepts a new ticket; its creator is told."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("open_ticket")
        step.ticket.opened_at = step.now
        return step.finish("open_ticket", tell=["ticket_opened"])


def start_work(*, actor: User, ticket_id: int) -> Ticket:
    """An assigned developer starts; the creator is told."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("start_work")
        step.ticket.started_at = step.ticket.started_at or step.now
        return step.finish("start_work", tell=["work_started"])


def finish_work(*, actor: User, ticket_id: int, comment: str = "") -> Ticket:
    """An assigned developer says it is done; creator and admins are told."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("finish_work")
        step.ticket.resolved_at = step.now
        return step.finish("finish_work", tell=["work_finished"], comment=comment)


def approve(*, actor: User, ticket_id: int) -> Ticket:
    """The creator accepts the work; admins and assignees are told."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("approve")
        step.ticket.closed_at = step.now
        return step.finish("approve", tell=["ticket_approved"])


def reject(*, actor: User, ticket_id: int, comment: str) -> Ticket:
    """The creator sends the work back; admins and assignees are told why."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("reject")
        step.ticket.resolved_at = None
        return step.finish("reject", tell=["ticket_rejected"], comment=comment)


def add_comment(*, actor: User, ticket_id: int, comment: str) -> Comment:
    """Anyone who sees the ticket says something; creator and assignees are told."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("add_comment")
        said = Comment.objects.create(ticket=step.ticket, author=actor, body=comment, created_at=step.now)
        step.finish("add_comment", tell=["comment_added"], comment=comment)
        return said
