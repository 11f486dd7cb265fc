"""Somebody wrote in a conversation."""

from datetime import UTC, datetime

from core.domain.change import Change, Person, Resource
from core.notifications.event import Event, Group
from core.notifications.message import Message

# `sender` is short enough for a subject; `of` is the ticket whose room it is, or nothing.
event = Event(
    key="message_received",
    audience=(Group.MEMBERS,),
    words={
        "en": Message("Message from {sender}{of}", "Message from {actor}{of}{comment}"),
        "de": Message("Nachricht von {sender}{of}", "Nachricht von {actor}{of}{comment}"),
        "es": Message("Mensaje de {sender}{of}", "Mensaje de {actor}{of}{comment}"),
        "ko": Message("{sender} 님의 메시지{of}", "{actor} 님의 메시지{of}{comment}"),
    },
    example=Change(
        event="message_received",
        key="message_received:12",
        at=datetime(2026, 1, 30, 12, 0, tzinfo=UTC),
        actor=Person(1, "ada", "Ada Admin"),
        resource=Resource("conversation", 7, "/api/conversations/7/"),
        facts=(("sender", "Ada Admin"), ("of", " (INC-000042 Checkout shows a blank page)")),
        member_ids=(2, 4),
        comment="I can see it here, too.",
    ),
    together={  # said twice, as a phone shows the text alone
        "en": Message("{count} new messages: {number}", "{count} new messages: {number}"),
        "de": Message("{count} neue Nachrichten: {number}", "{count} neue Nachrichten: {number}"),
        "es": Message("{count} mensajes nuevos: {number}", "{count} mensajes nuevos: {number}"),
        "ko": Message("새 메시지 {count}개: {number}", "새 메시지 {count}개: {number}"),
    },
)
