"""What a ticket was promised is late."""

from core.models.choices import RUNNING
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="sla_breached",
    audience=(Group.ASSIGNEES, Group.ADMINS),
    words={
        "en": Message("{number} {clock} overdue: {title}", "The {clock} was due at {due} on ticket: {title}"),
        "de": Message("{number} {clock} überfällig: {title}", "Die {clock} war um {due} fällig bei Ticket: {title}"),
        "es": Message("{number} {clock} vencida: {title}", "La {clock} venció el {due} en el ticket: {title}"),
        "ko": Message("{number} {clock} 기한 초과: {title}", "티켓의 {clock} 기한이 {due}에 지났습니다: {title}"),
    },
    terms={
        "de": {"response": "Antwort", "resolution": "Lösung"},
        "es": {"response": "respuesta", "resolution": "resolución"},
        "ko": {"response": "응답", "resolution": "해결"},
    },
    example=example_change("sla_breached", facts=(("clock", "resolution"), ("due", "2026-01-30 12:00 UTC"))),
    while_status=RUNNING,
)
