"""Who may do what to a ticket in which status: one table, read by the verbs and by `allowed_actions`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from core.domain.errors import InvalidTransition, NotAllowed
from core.domain.subjects import Someone, SomeTicket
from core.models.choices import Role, Status

FINAL = frozenset({Status.CLOSED, Status.CANCELLED})
EVERY = frozenset(Status)


class Who(StrEnum):
    """The part somebody plays for one ticket."""

    ADMIN = "an admin"
    CREATOR = "the creator"
    ASSIGNEE = "an assigned developer"
    ANYONE = "anyone who sees the ticket"
    NOBODY = "nobody: it happens by itself"


@dataclass(frozen=True, slots=True)
class Transition:
    """`target` None: the status stays, or the verb says where to. `while_new`: who else may, while the ticket is NEW.

    `within`: for how long after the ticket was closed.
    """

    who: frozenset[Who]
    sources: frozenset[Status]
    target: Status | None = None
    while_new: frozenset[Who] = frozenset()
    within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What one person is to one ticket."""

    role: str
    is_creator: bool
    is_assignee: bool
    is_watcher: bool = False

    @property
    def parts(self) -> frozenset[Who]:
        played = {
            Who.ADMIN: self.role == Role.ADMIN,
            Who.CREATOR: self.is_creator,
            Who.ASSIGNEE: self.is_assignee and self.role == Role.DEVELOPER,
            Who.ANYONE: True,
            Who.NOBODY: not self.role,
        }
        return frozenset(who for who, applies in played.items() if applies)


BY_ITSELF = Part("", is_creator=False, is_assignee=False)  # what time does

ADMIN, CREATOR, ASSIGNEE, ANYONE, NOBODY = (frozenset({who}) for who in Who)
WORKABLE = frozenset({Status.OPEN, Status.IN_PROGRESS})
ON_HOLD = frozenset({Status.ON_HOLD})

TRANSITIONS: dict[str, Transition] = {
    "open_ticket": Transition(ADMIN, frozenset({Status.NEW}), Status.OPEN),
    "assign": Transition(ADMIN, EVERY - FINAL),
    "start_work": Transition(ASSIGNEE, frozenset({Status.OPEN, Status.ON_HOLD}), Status.IN_PROGRESS),
    "finish_work": Transition(ASSIGNEE, frozenset({Status.IN_PROGRESS}), Status.RESOLVED),
    "approve": Transition(CREATOR, frozenset({Status.RESOLVED}), Status.CLOSED),
    "reject": Transition(CREATOR, frozenset({Status.RESOLVED}), Status.IN_PROGRESS),
    "hold": Transition(ASSIGNEE | ADMIN, WORKABLE, Status.ON_HOLD),
    "resume": Transition(ASSIGNEE | ADMIN, ON_HOLD),
    "reopen": Transition(CREATOR | ADMIN, frozenset({Status.CLOSED}), Status.OPEN, within=timedelta(days=14)),
    "cancel": Transition(ADMIN, EVERY - FINAL, Status.CANCELLED, while_new=CREATOR),
    "add_comment": Transition(ANYONE, EVERY),
    "watch": Transition(ANYONE, EVERY),
    "unwatch": Transition(ANYONE, EVERY),
    "mute": Transition(ANYONE, EVERY),
    "unmute": Transition(ANYONE, EVERY),
    "auto_close": Transition(NOBODY, frozenset({Status.RESOLVED}), Status.CLOSED),
}

ACTIONS = [name for name, row in TRANSITIONS.items() if row.who != NOBODY]  # people's


def part_of(
    user: Someone, *, creator_id: int, assignee_ids: Collection[int], watcher_ids: Collection[int] = ()
) -> Part:
    """What `user` is to the ticket of these people. Watching counts for sight only."""
    return Part(user.role, user.pk == creator_id, user.pk in assignee_ids, user.pk in watcher_ids)


def may(action: str, status: str, part: Part) -> bool:
    """Whether it is this person's to do at all."""
    row = TRANSITIONS[action]
    who = row.who | row.while_new if status == Status.NEW else row.who
    return not who.isdisjoint(part.parts)


def allowed_actions(ticket: SomeTicket, part: Part, now: datetime) -> list[str]:
    """The actions that would be accepted from this person now."""
    return [name for name in in_time(ticket.status, part) if not too_late(TRANSITIONS[name], ticket, now)]


@cache
def in_time(status: str, part: Part) -> tuple[str, ...]:
    """The actions of a person in this status, if it is not too late for them."""
    return tuple(name for name, row in TRANSITIONS.items() if status in row.sources and may(name, status, part))


def too_late(row: Transition, ticket: SomeTicket, now: datetime) -> bool:
    """Whether the ticket was closed longer ago than the action allows."""
    return row.within is not None and ticket.closed_at is not None and now > ticket.closed_at + row.within


def require_may(action: str, status: str, part: Part) -> None:
    """Raise NotAllowed when the action is not this person's to do."""
    if not may(action, status, part):
        raise NotAllowed


def require_state(action: str, ticket: SomeTicket, part: Part, now: datetime) -> Transition:
    """Return the row for `action`; raise InvalidTransition when the ticket does not stand where it starts from."""
    row = TRANSITIONS[action]
    if ticket.status not in row.sources:
        raise wrong_state(action, ticket, part, now)
    if row.within and too_late(row, ticket, now):
        raise wrong_state(action, ticket, part, now, f"was closed more than {row.within.days} days ago")
    return row


def wrong_state(action: str, ticket: SomeTicket, part: Part, now: datetime, what: str = "") -> InvalidTransition:
    """What to raise when the ticket is not in a state for `action`; `what` it is, when that is not its status."""
    allowed = allowed_actions(ticket, part, now)
    return InvalidTransition(action=action, status=ticket.status, allowed_actions=allowed, what=what)
