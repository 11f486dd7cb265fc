"""A client or an admin raised a ticket."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="ticket_created",
    audience=(Group.ADMINS,),
    words={
        "en": Message("{number} raised: {title}", "{actor} raised ticket: {title}"),
        "de": Message("{number} gemeldet: {title}", "{actor} hat ein Ticket gemeldet: {title}"),
        "es": Message("{number} creado: {title}", "{actor} ha creado el ticket: {title}"),
        "ko": Message("{number} 접수됨: {title}", "{actor} 님이 티켓을 등록했습니다: {title}"),
    },
    example=example_change("ticket_created", actor="cleo"),
)
