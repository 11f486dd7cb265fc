"""The creator accepted the work."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="ticket_approved",
    audience=(Group.ADMINS, Group.ASSIGNEES),
    words={
        "en": Message("{number} approved: {title}", "{actor} approved ticket: {title}"),
        "de": Message("{number} abgenommen: {title}", "{actor} hat das Ticket abgenommen: {title}"),
        "es": Message("{number} aprobado: {title}", "{actor} ha aprobado el ticket: {title}"),
        "ko": Message("{number} 승인됨: {title}", "{actor} 님이 티켓을 승인했습니다: {title}"),
    },
    example=example_change("ticket_approved", actor="cleo"),
)
