"""What a ticket was promised is due soon."""

from core.models.choices import RUNNING
from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="sla_due_soon",
    audience=(Group.ASSIGNEES, Group.ADMINS),
    words={
        "en": Message("{number} {clock} due soon: {title}", "The {clock} is due at {due} on ticket: {title}"),
        "de": Message("{number} {clock} bald fällig: {title}", "Die {clock} ist um {due} fällig bei Ticket: {title}"),
        "es": Message("{number} {clock} vence pronto: {title}", "La {clock} vence el {due} en el ticket: {title}"),
        "ko": Message("{number} {clock} 기한 임박: {title}", "티켓의 {clock} 기한은 {due}입니다: {title}"),
    },
    terms={
        "de": {"response": "Antwort", "resolution": "Lösung"},
        "es": {"response": "respuesta", "resolution": "resolución"},
        "ko": {"response": "응답", "resolution": "해결"},
    },
    example=example_change("sla_due_soon", facts=(("clock", "response"), ("due", "2026-01-30 12:15 UTC"))),
    while_status=RUNNING,
)
