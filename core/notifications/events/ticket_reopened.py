"""A closed ticket was brought back."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="ticket_reopened",
    audience=(Group.ADMINS, Group.ASSIGNEES),
    words={
        "en": Message("{number} reopened: {title}", "{actor} reopened ticket: {title}{comment}"),
        "de": Message("{number} wieder geöffnet: {title}", "{actor} hat das Ticket wieder geöffnet: {title}{comment}"),
        "es": Message("{number} reabierto: {title}", "{actor} ha reabierto el ticket: {title}{comment}"),
        "ko": Message("{number} 다시 열림: {title}", "{actor} 님이 티켓을 다시 열었습니다: {title}{comment}"),
    },
    example=example_change("ticket_reopened", actor="cleo", comment="The page is blank again since the update."),
)
