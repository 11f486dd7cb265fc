"""Work goes on after a hold."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="ticket_resumed",
    audience=(Group.CREATOR, Group.ASSIGNEES),
    words={
        "en": Message("{number} resumed: {title}", "{actor} resumed ticket: {title}"),
        "de": Message("{number} geht weiter: {title}", "{actor} hat das Ticket fortgesetzt: {title}"),
        "es": Message("{number} reanudado: {title}", "{actor} ha reanudado el ticket: {title}"),
        "ko": Message("{number} 재개됨: {title}", "{actor} 님이 티켓을 재개했습니다: {title}"),
    },
    example=example_change("ticket_resumed", actor="ada"),
)
