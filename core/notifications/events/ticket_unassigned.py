"""Developers were taken off a ticket; they are told although they see it no more."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} no longer assigned to you: {change.ticket.title}",
        text=f"You are no longer assigned to ticket: {change.ticket.title}",
    )


event = Event(
    key="ticket_unassigned",
    audience=(Group.UNASSIGNED,),
    message=message,
    example=example_change("ticket_unassigned", actor="ada"),
    requires_sight=False,
)
