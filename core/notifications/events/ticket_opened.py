"""An admin accepted a new ticket."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} opened: {change.ticket.title}",
        text=f"Your ticket has been opened: {change.ticket.title}",
    )


event = Event(
    key="ticket_opened",
    audience=(Group.CREATOR,),
    message=message,
    example=example_change("ticket_opened", actor="ada"),
)
