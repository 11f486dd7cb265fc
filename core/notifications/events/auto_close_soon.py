"""A resolved ticket is closed by itself soon, unless its creator rejects it."""

from core.models import Status
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="auto_close_soon",
    audience=(Group.CREATOR,),
    words={
        "en": Message(
            "{number} closes on {day}: {title}",
            "Approve or reject what was done; else the ticket is closed by itself on {day}: {title}",
        ),
        "de": Message(
            "{number} wird am {day} geschlossen: {title}",
            "Bitte nehmen Sie die Arbeit ab oder weisen Sie sie zurück; sonst wird das Ticket am {day} von selbst "
            "geschlossen: {title}",
        ),
        "es": Message(
            "{number} se cierra el {day}: {title}",
            "Apruebe o rechace el trabajo; si no, el ticket se cierra solo el {day}: {title}",
        ),
        "ko": Message(
            "{number} {day} 자동 종료 예정: {title}",
            "작업을 승인하거나 반려해 주세요. 그러지 않으면 티켓이 {day}에 자동으로 종료됩니다: {title}",
        ),
    },
    example=example_change("auto_close_soon", facts=(("day", "2026-02-01"),)),
    while_status=frozenset({Status.RESOLVED}),
)
