"""Who may do what to a ticket in which status: one table, read by the verbs and by `allowed_actions`."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.errors import InvalidTransition, NotAllowed
from core.models.choices import Role, Status

FINAL = frozenset({Status.CLOSED, Status.CANCELLED})
EVERY = frozenset(Status)


class Who(StrEnum):
    """The part somebody plays for one ticket."""

    ADMIN = "an admin"
    CREATOR = "the creator"
    ASSIGNEE = "an assigned developer"
    ANYONE = "anyone who sees the ticket"


@dataclass(frozen=True, slots=True)
class Transition:
    """`target` None: the status stays."""

    who: frozenset[Who]
    sources: frozenset[Status]
    target: Status | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What one person is to one ticket that it can see."""

    role: str
    is_creator: bool
    is_assignee: bool

    @property
    def parts(self) -> frozenset[Who]:
        played = {
            Who.ADMIN: self.role == Role.ADMIN,
            Who.CREATOR: self.is_creator,
            Who.ASSIGNEE: self.is_assignee and self.role == Role.DEVELOPER,
            Who.ANYONE: True,
        }
        return frozenset(who for who, applies in played.items() if applies)


TRANSITIONS: dict[str, Transition] = {
    "open_ticket": Transition(frozenset({Who.ADMIN}), frozenset({Status.NEW}), Status.OPEN),
    "assign": Transition(frozenset({Who.ADMIN}), EVERY - FINAL),
    "start_work": Transition(frozenset({Who.ASSIGNEE}), frozenset({Status.OPEN, Status.ON_HOLD}), Status.IN_PROGRESS),
    "finish_work": Transition(frozenset({Who.ASSIGNEE}), frozenset({Status.IN_PROGRESS}), Status.RESOLVED),
    "approve": Transition(frozenset({Who.CREATOR}), frozenset({Status.RESOLVED}), Status.CLOSED),
    "reject": Transition(frozenset({Who.CREATOR}), frozenset({Status.RESOLVED}), Status.IN_PROGRESS),
    "add_comment": Transition(frozenset({Who.ANYONE}), EVERY),
}

ACTIONS = list(TRANSITIONS)


def may(action: str, part: Part) -> bool:
    """Whether it is this person's to do at all, whatever the status."""
    return not TRANSITIONS[action].who.isdisjoint(part.parts)


def allowed_actions(status: str, part: Part) -> list[str]:
    """The actions that would be accepted from this person now."""
    return [name for name, row in TRANSITIONS.items() if status in row.sources and may(name, part)]


def require_may(action: str, part: Part) -> None:
    """Raise NotAllowed when the action is not this person's to do."""
    if not may(action, part):
        raise NotAllowed


def require(action: str, status: str, part: Part) -> Transition:
    """Return the row for `action`; raise NotAllowed or InvalidTransition when it does not apply."""
    require_may(action, part)
    row = TRANSITIONS[action]
    if status not in row.sources:
        raise InvalidTransition(action=action, status=status, allowed_actions=allowed_actions(status, part))
    return row
