"""A change: what a verb did, as facts. Verbs build it, events turn it into words and an audience."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


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
class Change:
    """`key` is unique per change, so that announcing it twice tells nobody twice.

    `is_internal`: only staff may read the comment.
    """

    event: str
    key: str
    at: datetime
    actor: Person
    ticket: TicketFacts
    creator_id: int
    assignee_ids: tuple[int, ...] = ()
    newly_assigned_ids: tuple[int, ...] = ()
    unassigned_ids: tuple[int, ...] = ()
    watcher_ids: tuple[int, ...] = ()
    mentioned_ids: tuple[int, ...] = ()
    comment: str = ""
    is_internal: bool = False
