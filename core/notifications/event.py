"""What an event is: who hears of it, and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from core.domain.change import Change, Facts, Person, TicketFacts
from core.models import Reason, Status
from core.notifications.message import Message, Words, in_words, language, quoted


class Group(StrEnum):
    """Whom an event tells. The values stand in the guide's table."""

    CREATOR = "creator"
    ADMINS = "admins"
    ASSIGNEES = "assignees"
    NEWLY_ASSIGNED = "newly assigned developers"
    UNASSIGNED = "removed developers"
    WATCHERS = "watchers"
    MENTIONED = "people mentioned"
    MEMBERS = "the people it concerns"

    @property
    def reason(self) -> Reason:
        return REASONS[self]


REASONS = {
    Group.CREATOR: Reason.CREATOR,
    Group.ADMINS: Reason.ADMIN,
    Group.ASSIGNEES: Reason.ASSIGNED,
    Group.NEWLY_ASSIGNED: Reason.ASSIGNED,
    Group.UNASSIGNED: Reason.ASSIGNED,
    Group.WATCHERS: Reason.WATCHER,
    Group.MENTIONED: Reason.MENTIONED,
    Group.MEMBERS: Reason.MEMBER,
}


@dataclass(frozen=True, slots=True)
class Event:
    """A person in several groups is told once, for the first group's reason.

    `words` by language may name {number}, {title}, {actor}, {comment} and the facts of the change. `together`: words
    for {count} of one resource at once; an event that has them is merged when it happens often.
    `terms`: facts that are called otherwise in some languages, by language.
    `requires_sight`: only people who may see the ticket are told (checked again before sending).
    `but`: who hears of the same change otherwise. `pierces_mute`: those who have muted the ticket are told too.
    `while_status`: of a reminder, where the ticket must be for it to be sent still; nothing: anywhere.
    `is_asked_for`: by its recipient, just now, so it is no matter of preferences.
    """

    key: str
    audience: tuple[Group, ...]
    words: Words
    example: Change
    requires_sight: bool = True
    but: tuple[Group, ...] = ()
    pierces_mute: bool = False
    while_status: frozenset[Status] = frozenset()
    is_asked_for: bool = False
    together: Words = field(default_factory=dict)
    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def message(self, change: Change, locale: str = "en") -> Message:
        """What is said of a change to somebody with this locale."""
        ticket, terms = change.ticket, self.terms.get(language(locale), {})
        return in_words(
            self.words,
            locale,
            number=ticket.number if ticket else "",
            title=ticket.title if ticket else "",
            actor=change.actor.full_name if change.actor else "",
            comment=quoted(change.comment, locale),
            **{name: terms.get(value, value) for name, value in change.facts},
        )


def example_change(event: str, *, actor: str = "", comment: str = "", facts: Facts = ()) -> Change:
    """A lifelike change for an event's `example`: Cleo's ticket 42, worked on by Dan, Ada is the admin."""
    people = {
        "ada": Person(1, "ada", "Ada Admin"),
        "dan": Person(2, "dan", "Dan Developer"),
        "cleo": Person(4, "cleo", "Cleo Client"),
    }
    return Change(
        event=event,
        key=f"{event}:42:7",
        at=datetime(2026, 1, 30, 12, 0, tzinfo=UTC),
        actor=people.get(actor),
        ticket=TicketFacts(42, "INC-000042", "Checkout shows a blank page", "OPEN", "Open", "HIGH"),
        creator_id=4,
        assignee_ids=(2,),
        newly_assigned_ids=(2,),
        unassigned_ids=(3,),
        comment=comment,
        facts=facts,
    )
