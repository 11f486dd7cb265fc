"""The creator sent the work back, and says why."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="ticket_rejected",
    audience=(Group.ADMINS, Group.ASSIGNEES),
    words={
        "en": Message("{number} rejected: {title}", "{actor} rejected ticket: {title}{comment}"),
        "de": Message("{number} abgelehnt: {title}", "{actor} hat das Ticket abgelehnt: {title}{comment}"),
        "es": Message("{number} rechazado: {title}", "{actor} ha rechazado el ticket: {title}{comment}"),
        "ko": Message("{number} 반려됨: {title}", "{actor} 님이 티켓을 반려했습니다: {title}{comment}"),
    },
    example=example_change("ticket_rejected", actor="cleo", comment="The page is still blank in Firefox."),
)
