"""A client or an admin raised a ticket."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} raised: {change.ticket.title}",
        text=f"{change.actor.full_name} raised ticket: {change.ticket.title}",
    )


event = Event(
    key="ticket_created",
    audience=(Group.ADMINS,),
    message=message,
    example=example_change("ticket_created", actor="cleo"),
)
