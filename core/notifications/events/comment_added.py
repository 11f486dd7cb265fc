"""Somebody commented."""

from core.domain.change import Change
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message, quoted


def message(change: Change) -> Message:
    return Message(
        subject=f"{change.ticket.number} new comment: {change.ticket.title}",
        text=f"{change.actor.full_name} commented on ticket: {change.ticket.title}{quoted(change.comment)}",
    )


event = Event(
    key="comment_added",
    audience=(Group.CREATOR, Group.ASSIGNEES, Group.WATCHERS),
    message=message,
    example=example_change("comment_added", actor="dan", comment="Which browser do you use?"),
    but=(Group.MENTIONED,),
)
