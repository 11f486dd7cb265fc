"""A ticket was given up."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="ticket_cancelled",
    audience=(Group.CREATOR, Group.ASSIGNEES, Group.ADMINS),
    words={
        "en": Message("{number} cancelled: {title}", "{actor} cancelled ticket: {title}{comment}"),
        "de": Message("{number} abgebrochen: {title}", "{actor} hat das Ticket abgebrochen: {title}{comment}"),
        "es": Message("{number} cancelado: {title}", "{actor} ha cancelado el ticket: {title}{comment}"),
        "ko": Message("{number} 취소됨: {title}", "{actor} 님이 티켓을 취소했습니다: {title}{comment}"),
    },
    example=example_change("ticket_cancelled", actor="ada", comment="The old shop is switched off next week."),
)
