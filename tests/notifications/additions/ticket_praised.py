"""A whole event in one file: somebody liked how a ticket was handled."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} praised: {change.ticket.title}",
        text=f"{change.actor.full_name} praised your work on ticket: {change.ticket.title}",
    )


event = Event(
    key="ticket_praised",
    audience=(Group.ASSIGNEES, Group.ADMINS),
    message=message,
    example=example_change("ticket_praised", actor="cleo"),
)
