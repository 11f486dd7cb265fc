"""The action table of the contract, written down once more and independently of the product's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.models import Status

NEW, OPEN, IN_PROGRESS, RESOLVED, CLOSED, ON_HOLD, CANCELLED = (
    Status.NEW,
    Status.OPEN,
    Status.IN_PROGRESS,
    Status.RESOLVED,
    Status.CLOSED,
    Status.ON_HOLD,
    Status.CANCELLED,
)
ANY = frozenset(Status)
UNFINISHED = ANY - {CLOSED, CANCELLED}
REASON = {"comment": "Because of the holidays."}


@dataclass(frozen=True)
class Row:
    """Who may do it in which statuses, and where it leads (nowhere named: the status stays)."""

    who: Mapping[str, frozenset[Status]]
    to: Mapping[Status, Status] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    method: str = "post"
    answer: int = 200


def row(who: Mapping[str, frozenset[Status] | set[Status]], to: Status | None = None, **more: Any) -> Row:
    """A row that leads to one status, or nowhere."""
    sources = {name: frozenset(statuses) for name, statuses in who.items()}
    return Row(sources, dict.fromkeys(ANY, to) if to else {}, **more)


ACTIONS: dict[str, Row] = {
    "open_ticket": row({"admin": {NEW}}, OPEN),
    "assign": Row({"admin": UNFINISHED}, {NEW: OPEN}, {"assigned_to": ["dan", "dora"]}),
    "start_work": row({"assignee": {OPEN, ON_HOLD}}, IN_PROGRESS),
    "finish_work": row({"assignee": {IN_PROGRESS}}, RESOLVED),
    "approve": row({"creator": {RESOLVED}}, CLOSED),
    "reject": row({"creator": {RESOLVED}}, IN_PROGRESS, body=REASON),
    "hold": row({"assignee": {IN_PROGRESS, OPEN}, "admin": {IN_PROGRESS, OPEN}}, ON_HOLD, body=REASON),
    "resume": row({"assignee": {ON_HOLD}, "admin": {ON_HOLD}}, IN_PROGRESS),  # all were held from there
    "reopen": row({"creator": {CLOSED}, "admin": {CLOSED}}, OPEN, body=REASON),
    "cancel": row({"creator": {NEW}, "admin": UNFINISHED}, CANCELLED, body=REASON),
    "add_comment": row({"anyone": ANY}, body={"comment": "Which browser?"}, answer=201),
    "watch": row({"anyone": ANY}),
    "unwatch": row({"anyone": ANY}),
    "mute": row({"anyone": ANY}),
    "unmute": row({"anyone": ANY}),
    "": row({"creator": {NEW}, "admin": UNFINISHED}, body={"title": "Other words"}, method="patch"),
    "DELETE": row({"admin": ANY}, method="delete", answer=204),
}

# Whether it is theirs to do depends on the status, except for an admin: 403, where others get 409.
ONLY_WHILE_NEW = {"cancel", ""}


def expected(action: str, parts: frozenset[str], status: Status) -> int:
    """The status code for somebody who plays `parts` for a ticket in `status`; nobody's: it cannot be seen."""
    if not parts:
        return 404
    rule = ACTIONS[action]
    allowed = [statuses for who, statuses in rule.who.items() if who in parts]
    if any(status in statuses for statuses in allowed):
        return rule.answer
    if not allowed or (action in ONLY_WHILE_NEW and "admin" not in parts):
        return 403
    return 409
