"""A ticket waits for something; its clocks stand."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="ticket_on_hold",
    audience=(Group.CREATOR, Group.ASSIGNEES),
    words={
        "en": Message("{number} on hold: {title}", "{actor} put a ticket on hold: {title}{comment}"),
        "de": Message("{number} wartet: {title}", "{actor} hat ein Ticket auf Warten gesetzt: {title}{comment}"),
        "es": Message("{number} en espera: {title}", "{actor} ha puesto un ticket en espera: {title}{comment}"),
        "ko": Message("{number} 보류됨: {title}", "{actor} 님이 티켓을 보류했습니다: {title}{comment}"),
    },
    example=example_change("ticket_on_hold", actor="ada", comment="Waiting for the payment provider's answer."),
)
