"""A closed ticket was brought back."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message, quoted


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} reopened: {change.ticket.title}",
        text=f"{change.actor.full_name} reopened ticket: {change.ticket.title}{quoted(change.comment)}",
    )


event = Event(
    key="ticket_reopened",
    audience=(Group.ADMINS, Group.ASSIGNEES),
    message=message,
    example=example_change("ticket_reopened", actor="cleo", comment="The page is blank again since the update."),
)
