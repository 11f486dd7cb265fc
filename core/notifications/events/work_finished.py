"""A developer says it is done; the creator decides."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="work_finished",
    audience=(Group.CREATOR, Group.ADMINS),
    words={
        "en": Message("{number} resolved: {title}", "{actor} finished work on ticket: {title}{comment}"),
        "de": Message("{number} erledigt: {title}", "{actor} hat die Arbeit am Ticket abgeschlossen: {title}{comment}"),
        "es": Message("{number} resuelto: {title}", "{actor} ha terminado el trabajo en el ticket: {title}{comment}"),
        "ko": Message("{number} 해결됨: {title}", "{actor} 님이 티켓 작업을 마쳤습니다: {title}{comment}"),
    },
    example=example_change("work_finished", actor="dan", comment="Fixed the cache header."),
)
