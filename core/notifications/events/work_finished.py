"""A developer says it is done; the creator decides."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message, quoted


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} resolved: {change.ticket.title}",
        text=f"{change.actor.full_name} finished work on ticket: {change.ticket.title}{quoted(change.comment)}",
    )


event = Event(
    key="work_finished",
    audience=(Group.CREATOR, Group.ADMINS),
    message=message,
    example=example_change("work_finished", actor="dan", comment="Fixed the cache header."),
)
