"""Work goes on after a hold."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} resumed: {change.ticket.title}",
        text=f"{change.actor.full_name} resumed ticket: {change.ticket.title}",
    )


event = Event(
    key="ticket_resumed",
    audience=(Group.CREATOR, Group.ASSIGNEES),
    message=message,
    example=example_change("ticket_resumed", actor="ada"),
)
