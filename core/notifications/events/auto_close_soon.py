"""A resolved ticket is closed by itself soon, unless its creator rejects it."""

from core.models import Status
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="auto_close_soon",
    audience=(Group.CREATOR,),
    words={
        "en": Message(
            "{number} closes at {at}: {title}",
            "Approve or reject what was done; else the ticket is closed by itself at {at}: {title}",
        ),
        "de": Message(
            "{number} wird am {at} geschlossen: {title}",
            "Bitte nehmen Sie die Arbeit ab oder weisen Sie sie zurück; sonst wird das Ticket am {at} von selbst "
            "geschlossen: {title}",
        ),
        "es": Message(
            "{number} se cierra el {at}: {title}",
            "Apruebe o rechace el trabajo; si no, el ticket se cierra solo el {at}: {title}",
        ),
        "ko": Message(
            "{number} {at} 자동 종료 예정: {title}",
            "작업을 승인하거나 반려해 주세요. 그러지 않으면 티켓이 {at}에 자동으로 종료됩니다: {title}",
        ),
    },
    example=example_change("auto_close_soon", facts=(("at", "2026-02-01 12:00 UTC"),)),
    while_status=frozenset({Status.RESOLVED}),
)
