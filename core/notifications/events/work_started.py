"""A developer started."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} in progress: {change.ticket.title}",
        text=f"{change.actor.full_name} started work on your ticket: {change.ticket.title}",
    )


event = Event(
    key="work_started",
    audience=(Group.CREATOR,),
    message=message,
    example=example_change("work_started", actor="dan"),
)
