"""Developers were taken off a ticket; they are told although they see it no more."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="ticket_unassigned",
    audience=(Group.UNASSIGNED,),
    words={
        "en": Message("{number} no longer assigned to you: {title}", "You are no longer assigned to ticket: {title}"),
        "de": Message(
            "{number} Ihnen nicht mehr zugewiesen: {title}", "Ein Ticket ist Ihnen nicht mehr zugewiesen: {title}"
        ),
        "es": Message("{number} ya no está asignado a usted: {title}", "Ya no tiene asignado el ticket: {title}"),
        "ko": Message("{number} 배정 해제됨: {title}", "티켓이 더 이상 회원님에게 배정되어 있지 않습니다: {title}"),
    },
    example=example_change("ticket_unassigned", actor="ada"),
    requires_sight=False,
)
