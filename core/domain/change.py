"""A change: what a verb did, as facts. Verbs build it, events turn it into words and an audience."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as others see them."""

    id: int
    username: str
    full_name: str


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """A ticket as it was when the change was made."""

    id: int
    number: str
    title: str
    status: str
    status_display: str
    priority: str


@dataclass(frozen=True, slots=True)
class Change:
    """`key` is unique per change, so that announcing it twice tells nobody twice."""

    event: str
    key: str
    actor: Person
    ticket: TicketFacts
    creator_id: int
    assignee_ids: tuple[int, ...] = ()
    newly_assigned_ids: tuple[int, ...] = ()
    unassigned_ids: tuple[int, ...] = ()
    comment: str = field(default="")
