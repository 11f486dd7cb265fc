"""What all ticket verbs share: lock, check the table, save, write history, announce."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from core.domain.change import Change, Person, TicketFacts
from core.domain.errors import NotVisible
from core.domain.policies import sees_ticket
from core.domain.transitions import Part, require
from core.models import Role, Ticket, TicketHistory, User
from core.notifications.dispatch import announce

RESPONSES = {"start_work", "finish_work", "add_comment"}  # staff has answered


@dataclass(slots=True)
class Step:
    """One action on one locked ticket, inside the transaction of the verb."""

    actor: User
    ticket: Ticket
    assignee_ids: tuple[int, ...]
    now: datetime = field(default_factory=timezone.now)
    from_status: str = ""

    @classmethod
    def on(cls, ticket_id: int, actor: User) -> "Step":
        """Lock the ticket; NotVisible when `actor` cannot see it (any more)."""
        ticket = Ticket.objects.select_for_update().filter(pk=ticket_id).first()
        if ticket is None:
            raise NotVisible
        # Read after the lock: whoever was taken off while this waited for it is off.
        assignees = tuple(ticket.assignments.values_list("user_id", flat=True))
        step = cls(actor, ticket, assignees, from_status=ticket.status)
        if not sees_ticket(step.part):
            raise NotVisible
        return step

    @property
    def part(self) -> Part:
        """What the actor is to this ticket."""
        return part_of(self.actor, self.ticket, self.assignee_ids)

    def take(self, action: str) -> None:
        """Move to the action's target status; NotAllowed or InvalidTransition when the table says no."""
        target = require(action, self.ticket.status, self.part).target
        if target is not None:
            self.ticket.status = target

    def finish(
        self,
        action: str,
        *,
        tell: Collection[str] = (),
        comment: str = "",
        changes: Mapping[str, Any] | None = None,
        newly_assigned: Collection[int] = (),
        unassigned: Collection[int] = (),
    ) -> Ticket:
        """Save the ticket under its next version, write the history row, announce the events of `tell`."""
        ticket = self.ticket
        if self.from_status:  # a new ticket is saved already, as version 1
            self._count_up(action)
        TicketHistory.objects.create(
            ticket=ticket,
            actor=self.actor,
            action=action,
            from_status=self.from_status,
            to_status=ticket.status,
            comment=comment,
            changes=dict(changes or {}),
            version=ticket.version,
            created_at=self.now,
        )
        facts = facts_of(ticket)
        announce(
            *(
                Change(
                    event=event,
                    key=f"{event}:{ticket.pk}:{ticket.version}",
                    at=self.now,
                    actor=Person(self.actor.pk, self.actor.username, self.actor.full_name),
                    ticket=facts,
                    creator_id=ticket.created_by_id,
                    assignee_ids=self.assignee_ids,
                    newly_assigned_ids=tuple(newly_assigned),
                    unassigned_ids=tuple(unassigned),
                    comment=comment,
                )
                for event in tell
            )
        )
        return ticket

    def _count_up(self, action: str) -> None:
        """Save the ticket under its next version."""
        ticket = self.ticket
        ticket.version += 1
        ticket.updated_at = self.now
        if action in RESPONSES and self.actor.role != Role.CLIENT and ticket.created_by_id != self.actor.pk:
            ticket.first_responded_at = ticket.first_responded_at or self.now
        ticket.save()


def part_of(user: User, ticket: Ticket, assignee_ids: Collection[int]) -> Part:
    """What `user` is to `ticket`."""
    return Part(user.role, is_creator=ticket.created_by_id == user.pk, is_assignee=user.pk in assignee_ids)


def facts_of(ticket: Ticket) -> TicketFacts:
    """The ticket as it is now, for those who are told."""
    return TicketFacts(
        id=ticket.pk,
        number=ticket.number,
        title=ticket.title,
        status=ticket.status,
        status_display=ticket.get_status_display(),
        priority=ticket.priority,
    )
