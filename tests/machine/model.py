"""A small model of tickets: what the contract says must happen, without a database."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.models import Role, Status

Told = tuple[str, str, str]  # person, event, reason

ROLES = {
    "ada": Role.ADMIN,
    "eve": Role.ADMIN,
    "dan": Role.DEVELOPER,
    "dora": Role.DEVELOPER,
    "cleo": Role.CLIENT,
    "carl": Role.CLIENT,
}
ADMINS = ("ada", "eve")
DEVELOPERS = ("dan", "dora")
FINAL = (Status.CLOSED, Status.CANCELLED)
HEARD_WHEN_MUTED = ("ticket_assigned", "mentioned")

SOURCES: dict[str, tuple[Status, ...]] = {
    "open_ticket": (Status.NEW,),
    "assign": tuple(set(Status) - set(FINAL)),
    "start_work": (Status.OPEN, Status.ON_HOLD),
    "finish_work": (Status.IN_PROGRESS,),
    "approve": (Status.RESOLVED,),
    "reject": (Status.RESOLVED,),
    "hold": (Status.OPEN, Status.IN_PROGRESS),
    "resume": (Status.ON_HOLD,),
    "reopen": (Status.CLOSED,),
    "cancel": tuple(set(Status) - set(FINAL)),
    "update": tuple(set(Status) - set(FINAL)),
    "add_comment": tuple(Status),
    "delete": tuple(Status),
}
TARGETS = {
    "open_ticket": Status.OPEN,
    "start_work": Status.IN_PROGRESS,
    "finish_work": Status.RESOLVED,
    "approve": Status.CLOSED,
    "reject": Status.IN_PROGRESS,
    "hold": Status.ON_HOLD,
    "reopen": Status.OPEN,
    "cancel": Status.CANCELLED,
}
TELLS = {
    "open_ticket": ("ticket_opened", ("creator",)),
    "start_work": ("work_started", ("creator",)),
    "finish_work": ("work_finished", ("creator", "admin")),
    "approve": ("ticket_approved", ("admin", "assigned")),
    "reject": ("ticket_rejected", ("admin", "assigned")),
    "hold": ("ticket_on_hold", ("creator", "assigned")),
    "resume": ("ticket_resumed", ("creator", "assigned")),
    "reopen": ("ticket_reopened", ("admin", "assigned")),
    "cancel": ("ticket_cancelled", ("creator", "assigned", "admin")),
}


@dataclass
class Ticket:
    creator: str
    status: Status = Status.NEW
    assignees: list[str] = field(default_factory=list)
    watchers: set[str] = field(default_factory=set)
    muted: set[str] = field(default_factory=set)
    held_from: Status = Status.NEW
    deleted: bool = False
    history: list[tuple[str, str, str, str]] = field(default_factory=list)  # actor, action, from, to

    @property
    def version(self) -> int:
        return len(self.history)

    def seen_by(self, person: str) -> bool:
        """ADMIN all, DEVELOPER what it works on or watches, CLIENT its own."""
        if self.deleted:
            return False
        follows = person in self.assignees or person in self.watchers
        return {Role.ADMIN: True, Role.DEVELOPER: follows, Role.CLIENT: person == self.creator}[ROLES[person]]

    def may(self, person: str, action: str) -> bool:
        admin, creator, works = person in ADMINS, person == self.creator, person in self.assignees
        return {
            "open_ticket": admin,
            "assign": admin,
            "start_work": works,
            "finish_work": works,
            "approve": creator,
            "reject": creator,
            "hold": admin or works,
            "resume": admin or works,
            "reopen": admin or creator,
            "cancel": admin or (creator and self.status == Status.NEW),
            "update": admin or (creator and self.status == Status.NEW),
            "add_comment": True,
            "delete": admin,
        }[action]

    def refusal(self, person: str, action: str, *, stale: bool = False) -> int | None:
        """404, 403, 412 or 409, in this order; None when it is to succeed."""
        if not self.seen_by(person):
            return 404
        if not self.may(person, action):
            return 403
        if stale:
            return 412
        return None if self.status in SOURCES[action] else 409

    def move(self, person: str, action: str) -> Counter[Told]:
        """A plain step of the table, which is allowed: who is told."""
        before, to = self.status, self.held_from if action == "resume" else TARGETS[action]
        if action == "hold":
            self.held_from = before
        self.write(person, action, to)
        event, groups = TELLS[action]
        return self.tell(person, event, groups)

    def assign(self, person: str, team: list[str]) -> Counter[Told]:
        added = [name for name in team if name not in self.assignees]
        removed = [name for name in self.assignees if name not in team]
        opened = self.status == Status.NEW
        self.assignees = list(team)
        self.watchers -= set(removed)
        self.write(person, "assign", Status.OPEN if opened else self.status)
        told = self.heard(person, "ticket_assigned", dict.fromkeys(added, "assigned"))
        # They are told although they see it no more.
        told += Counter((name, "ticket_unassigned", "assigned") for name in removed if name not in self.muted)
        return told + (self.tell(person, "ticket_opened", ("creator",)) if opened else Counter())

    def comment(self, person: str, mentions: Iterable[str], *, internal: bool) -> Counter[Told]:
        self.write(person, "add_comment", self.status)
        readers = [name for name in ROLES if self.seen_by(name) and not (internal and ROLES[name] == Role.CLIENT)]
        named = {name: "mentioned" for name in mentions if name in readers}
        others = {name: why for name, why in self.groups("creator", "assigned", "watcher").items() if name in readers}
        heard = self.heard(person, "comment_added", {name: why for name, why in others.items() if name not in named})
        return heard + self.heard(person, "mentioned", named)

    def write(self, person: str, action: str, to: Status) -> None:
        self.history.append((person, action, self.status, to))
        self.status = to

    def groups(self, *names: str) -> dict[str, str]:
        """People of these groups in order, each with its first reason."""
        members = {
            "creator": [self.creator],
            "admin": list(ADMINS),
            "assigned": self.assignees,
            "watcher": sorted(self.watchers),
        }
        found: dict[str, str] = {}
        for group in names:
            for name in members[group]:
                found.setdefault(name, group)
        return found

    def tell(self, actor: str, event: str, groups: tuple[str, ...]) -> Counter[Told]:
        return self.heard(actor, event, self.groups(*groups))

    def heard(self, actor: str, event: str, people: dict[str, str]) -> Counter[Told]:
        """Those of `people` who hear of it: not the actor, not who has muted it, only who sees it."""
        return Counter(
            (name, event, why)
            for name, why in people.items()
            if name != actor and self.seen_by(name) and (name not in self.muted or event in HEARD_WHEN_MUTED)
        )
