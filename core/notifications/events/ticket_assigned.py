"""Developers were put on a ticket."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} assigned to you: {change.ticket.title}",
        text=f"You have been assigned to ticket: {change.ticket.title}",
    )


event = Event(
    key="ticket_assigned",
    audience=(Group.NEWLY_ASSIGNED,),
    message=message,
    example=example_change("ticket_assigned", actor="ada"),
    pierces_mute=True,
)
