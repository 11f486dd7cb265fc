"""A change: what a verb did, as facts. Verbs build it, events turn it into words and an audience."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

Facts = tuple[tuple[str, str], ...]  # by name


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as others see them."""

    id: int
    username: str
    full_name: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON values, for the notification's snapshot."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """A ticket as it was when the change was made."""

    id: int
    number: str
    title: str
    status: str
    status_display: str
    priority: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON values, for the notification's snapshot."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Resource:
    """What a change is about; `url` is where the API shows it."""

    type: str
    id: int
    url: str


@dataclass(frozen=True, slots=True)
class Change:
    """`key` is unique per change, so that announcing it twice tells nobody twice.

    Without an `actor` it happened by itself. It is about a `ticket`, or about a `resource`, which may belong to one:
    then those alone are told who see that. `facts` are what else the event's words name. `is_internal`: only staff
    may read the comment. `channels`: beside the inbox, when not all.
    """

    event: str
    key: str
    at: datetime
    actor: Person | None
    ticket: TicketFacts | None = None
    resource: Resource | None = None
    facts: Facts = ()
    channels: tuple[str, ...] = ()
    creator_id: int | None = None
    member_ids: tuple[int, ...] = ()
    assignee_ids: tuple[int, ...] = ()
    newly_assigned_ids: tuple[int, ...] = ()
    unassigned_ids: tuple[int, ...] = ()
    watcher_ids: tuple[int, ...] = ()
    mentioned_ids: tuple[int, ...] = ()
    comment: str = ""
    is_internal: bool = False

    @property
    def about(self) -> Resource:
        """What it is about: the ticket, if nothing else."""
        if self.resource is not None:
            return self.resource
        if self.ticket is None:
            raise ValueError(f"{self.key} is about nothing")
        return Resource("ticket", self.ticket.id, f"/api/tickets/{self.ticket.id}/")
