"""The creator accepted the work."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} approved: {change.ticket.title}",
        text=f"{change.actor.full_name} approved ticket: {change.ticket.title}",
    )


event = Event(
    key="ticket_approved",
    audience=(Group.ADMINS, Group.ASSIGNEES),
    message=message,
    example=example_change("ticket_approved", actor="cleo"),
)
