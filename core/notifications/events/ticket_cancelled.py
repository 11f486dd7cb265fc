"""A ticket was given up."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message, quoted


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} cancelled: {change.ticket.title}",
        text=f"{change.actor.full_name} cancelled ticket: {change.ticket.title}{quoted(change.comment)}",
    )


event = Event(
    key="ticket_cancelled",
    audience=(Group.CREATOR, Group.ASSIGNEES, Group.ADMINS),
    message=message,
    example=example_change("ticket_cancelled", actor="ada", comment="The old shop is switched off next week."),
)
