"""A channel is switched off for a while: its settings are wrong, or its provider is down."""

from datetime import UTC, datetime

from core.domain.change import Change, Resource
from core.notifications.event import Event, Group
from core.notifications.message import Message

event = Event(
    key="channel_paused",
    audience=(Group.ADMINS,),
    words={
        "en": Message(
            "{channel} is paused: {code}", "Nothing leaves by {channel} for now ({code}). What is due waits for it."
        ),
        "de": Message(
            "{channel} ruht: {code}",
            "Über {channel} geht gerade nichts hinaus ({code}). Was fällig ist, wartet darauf.",
        ),
        "es": Message(
            "{channel} está en pausa: {code}", "Por ahora no sale nada por {channel} ({code}). Lo pendiente espera."
        ),
        "ko": Message(
            "{channel} 일시 중지: {code}",
            "지금은 {channel}(으)로 아무것도 발송되지 않습니다({code}). 보낼 내용은 대기합니다.",
        ),
    },
    example=Change(
        event="channel_paused",
        key="channel_paused:WHATSAPP:2026-01-30T12",
        at=datetime(2026, 1, 30, 12, 0, tzinfo=UTC),
        actor=None,
        resource=Resource("channel", 0, "/admin/core/channelcircuit/"),
        facts=(("channel", "WHATSAPP"), ("code", "20003")),
    ),
    requires_sight=False,
)
