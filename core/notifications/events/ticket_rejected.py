"""The creator sent the work back, and says why."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message, quoted


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} rejected: {change.ticket.title}",
        text=f"{change.actor.full_name} rejected ticket: {change.ticket.title}{quoted(change.comment)}",
    )


event = Event(
    key="ticket_rejected",
    audience=(Group.ADMINS, Group.ASSIGNEES),
    message=message,
    example=example_change("ticket_rejected", actor="cleo", comment="The page is still blank in Firefox."),
)
