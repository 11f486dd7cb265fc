"""Somebody was named by @username in a comment."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message, quoted


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} mentions you: {change.ticket.title}",
        text=f"{change.actor.full_name} mentioned you on ticket: {change.ticket.title}{quoted(change.comment)}",
    )


event = Event(
    key="mentioned",
    audience=(Group.MENTIONED,),
    message=message,
    example=example_change("mentioned", actor="ada", comment="@dan, have you seen this?"),
    pierces_mute=True,
)
