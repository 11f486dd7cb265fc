"""Somebody asked for it, to see whether notifications arrive."""

from datetime import UTC, datetime

from core.domain.change import Change, Resource
from core.notifications.event import Event, Group
from core.notifications.message import Message

event = Event(
    key="test_notification",
    audience=(Group.MEMBERS,),
    words={
        "en": Message("Test notification", "This is your test notification by {channel}: it arrived."),
        "de": Message("Testbenachrichtigung", "Das ist Ihre Testbenachrichtigung über {channel}: Sie ist angekommen."),
        "es": Message("Notificación de prueba", "Esta es su notificación de prueba por {channel}: ha llegado."),
        "ko": Message("테스트 알림", "{channel}(으)로 보낸 테스트 알림입니다. 잘 도착했습니다."),
    },
    example=Change(
        event="test_notification",
        key="test_notification:2:2026-01-30T12:0",
        at=datetime(2026, 1, 30, 12, 0, tzinfo=UTC),
        actor=None,
        resource=Resource("user", 2, "/api/auth/me/"),
        facts=(("channel", "EMAIL"),),
        member_ids=(2,),
    ),
    requires_sight=False,
    is_asked_for=True,
)
