"""An admin accepted a new ticket."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="ticket_opened",
    audience=(Group.CREATOR,),
    words={
        "en": Message("{number} opened: {title}", "Your ticket has been opened: {title}"),
        "de": Message("{number} eröffnet: {title}", "Ihr Ticket wurde eröffnet: {title}"),
        "es": Message("{number} abierto: {title}", "Su ticket se ha abierto: {title}"),
        "ko": Message("{number} 열림: {title}", "회원님의 티켓이 열렸습니다: {title}"),
    },
    example=example_change("ticket_opened", actor="ada"),
)
