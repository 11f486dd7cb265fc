"""Developers were put on a ticket."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="ticket_assigned",
    audience=(Group.NEWLY_ASSIGNED,),
    words={
        "en": Message("{number} assigned to you: {title}", "You have been assigned to ticket: {title}"),
        "de": Message("{number} Ihnen zugewiesen: {title}", "Ihnen wurde ein Ticket zugewiesen: {title}"),
        "es": Message("{number} asignado a usted: {title}", "Se le ha asignado el ticket: {title}"),
        "ko": Message("{number} 회원님에게 배정됨: {title}", "티켓이 회원님에게 배정되었습니다: {title}"),
    },
    example=example_change("ticket_assigned", actor="ada"),
    pierces_mute=True,
)
