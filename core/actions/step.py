"""What all ticket verbs share: lock, check the table, save, write history, announce."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from core.actions import clocks
from core.domain.change import Change, Person, TicketFacts
from core.domain.errors import NotVisible, VersionMismatch
from core.domain.policies import sees_ticket
from core.domain.transitions import BY_ITSELF, Part, part_of, require_may, require_state
from core.models import Role, Status, Ticket, TicketHistory, User
from core.models.choices import PAUSED
from core.notifications.dispatch import announce

WORK = {"start_work", "finish_work"}  # answers the ticket, whoever raised it: developers alone do it

Versions = Collection[int] | None  # what `If-Match` names; None: any


@dataclass(slots=True)
class Step:
    """One action on one locked ticket, inside the transaction of the verb. Without an `actor` it happens by itself."""

    actor: User | None
    ticket: Ticket
    assignee_ids: tuple[int, ...] = ()
    watcher_ids: tuple[int, ...] = ()
    now: datetime = field(default_factory=timezone.now)
    from_status: str = ""

    @classmethod
    def on(cls, ticket_id: int, actor: User) -> "Step":
        """Lock the ticket; NotVisible when `actor` cannot see it (any more)."""
        step = cls.locked(ticket_id, actor)
        if step is None or not sees_ticket(step.part):
            raise NotVisible
        return step

    @classmethod
    def locked(cls, ticket_id: int, actor: User | None = None) -> "Step | None":
        """Lock the ticket, unless it has been deleted.

        But not its key: whoever has changed notifications of it looks at that in the end, holding people's feeds.
        """
        ticket = Ticket.objects.select_for_update(no_key=True).filter(pk=ticket_id, deleted_at=None).first()
        if ticket is None:
            return None
        # Read after the lock: whoever was taken off while this waited for it is off.
        assignees = tuple(ticket.assignments.values_list("user_id", flat=True))
        watchers = tuple(ticket.watches.values_list("user_id", flat=True))
        return cls(actor, ticket, assignees, watchers, from_status=ticket.status)

    @property
    def part(self) -> Part:
        """What the actor is to this ticket."""
        return self.part_of(self.actor) if self.actor else BY_ITSELF

    def part_of(self, user: User) -> Part:
        """What somebody is to this ticket."""
        people = {"assignee_ids": self.assignee_ids, "watcher_ids": self.watcher_ids}
        return part_of(user, creator_id=self.ticket.created_by_id, **people)

    def take(self, action: str, if_version: Versions = None) -> None:
        """Move to the action's target status; NotAllowed, VersionMismatch or InvalidTransition when it may not be."""
        require_may(action, self.ticket.status, self.part)
        self.require_version(if_version)
        target = require_state(action, self.ticket, self.part, self.now).target
        if target is not None:
            self.move(target)

    def require_version(self, versions: Versions) -> None:
        """VersionMismatch when the ticket is not at one of these versions."""
        if versions is not None and self.ticket.version not in versions:
            raise VersionMismatch(self.ticket.version)

    def move(self, status: Status) -> None:
        """Into another status; while the ticket waits there its clocks stand."""
        self.ticket.status = status
        self.ticket.paused_at = self.now if status in PAUSED else None

    def finish(
        self,
        action: str,
        *,
        tell: Collection[str] = (),
        comment: str = "",
        changes: Mapping[str, Any] | None = None,
        **facts: Any,
    ) -> Ticket:
        """Save the ticket under its next version, write the history row, announce the events of `tell`.

        `facts`: what else their Change says.
        """
        ticket = self.ticket
        recorded = dict(changes or {})
        if self.from_status:  # a new ticket is saved already, as version 1
            recorded |= self._count_up(action, recorded, answers=self._answers(action, **facts))
        TicketHistory.objects.create(
            ticket=ticket,
            actor=self.actor,
            action=action,
            from_status=self.from_status,
            to_status=ticket.status,
            comment=comment,
            changes=recorded,
            version=ticket.version,
            created_at=self.now,
        )
        announce(*(self.change(event, str(ticket.version), comment=comment, **facts) for event in tell))
        return ticket

    def change(self, event: str, of: str, **facts: Any) -> Change:
        """What is told of the ticket as it is now; `of` tells it from what else the event has to say of it."""
        actor = self.actor
        return Change(
            event=event,
            key=f"{event}:{self.ticket.pk}:{of}",
            at=self.now,
            actor=Person(actor.pk, actor.username, actor.full_name) if actor else None,
            ticket=facts_of(self.ticket),
            creator_id=self.ticket.created_by_id,
            assignee_ids=self.assignee_ids,
            watcher_ids=self.watcher_ids,
            **facts,
        )

    def _answers(self, action: str, *, is_internal: bool = False, **_others: Any) -> bool:
        """Whether staff works on it, or says something to the client; on what it raised itself, only the former."""
        if action != "add_comment" or is_internal or self.from_status == Status.CANCELLED:
            return action in WORK
        actor = self.actor
        return actor is not None and actor.role != Role.CLIENT and self.ticket.created_by_id != actor.pk

    def _count_up(self, action: str, changes: Mapping[str, Any], *, answers: bool) -> clocks.Changes:
        """Save the ticket under its next version; return what a hold moved."""
        ticket = self.ticket
        ticket.version += 1
        ticket.updated_at = self.now
        if answers:
            ticket.first_responded_at = ticket.first_responded_at or self.now
        on_hold = self.from_status == Status.ON_HOLD
        moved = clocks.settle(ticket, action, changes, self.now) if on_hold else {}
        ticket.save()
        return moved


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
