"""A whole event in one file: somebody liked how a ticket was handled."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="ticket_praised",
    audience=(Group.ASSIGNEES, Group.ADMINS),
    words={
        "en": Message("{number} praised: {title}", "{actor} praised your work on ticket: {title}"),
    },
    example=example_change("ticket_praised", actor="cleo"),
)
