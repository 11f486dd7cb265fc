"""A ticket waits for something; its clocks stand."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message, quoted


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} on hold: {change.ticket.title}",
        text=f"{change.actor.full_name} put a ticket on hold: {change.ticket.title}{quoted(change.comment)}",
    )


event = Event(
    key="ticket_on_hold",
    audience=(Group.CREATOR, Group.ASSIGNEES),
    message=message,
    example=example_change("ticket_on_hold", actor="ada", comment="Waiting for the payment provider's answer."),
)
