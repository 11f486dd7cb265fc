"""Somebody's e-mail address takes no mail of ours any more: it bounced, or its owner complained."""

from datetime import UTC, datetime

from core.domain.change import Change, Resource
from core.notifications.event import Event, Group
from core.notifications.message import Message

event = Event(
    key="address_suppressed",
    audience=(Group.ADMINS,),
    words={
        "en": Message(
            "No more e-mails to {person}",
            "Mail to {person} came back or was reported as spam, so no more is sent to that address. A new address "
            "ends that by itself.",
        ),
        "de": Message(
            "Keine E-Mails mehr an {person}",
            "E-Mails an {person} kamen zurück oder wurden als Spam gemeldet, daher geht an diese Adresse nichts mehr. "
            "Eine neue Adresse beendet das von selbst.",
        ),
        "es": Message(
            "No se envían más correos a {person}",
            "Los correos a {person} fueron devueltos o marcados como spam; no se envía nada más a esa dirección. Con "
            "una dirección nueva se reanudan.",
        ),
        "ko": Message(
            "{person} 님에게 메일 발송 중단",
            "{person} 님에게 보낸 메일이 반송되었거나 스팸으로 신고되어 그 주소로는 더 이상 보내지 않습니다. "
            "주소가 바뀌면 다시 발송됩니다.",
        ),
    },
    example=Change(
        event="address_suppressed",
        key="address_suppressed:7",
        at=datetime(2026, 1, 30, 12, 0, tzinfo=UTC),
        actor=None,
        resource=Resource("user", 4, "/api/users/4/"),
        facts=(("person", "Cleo Client"),),
    ),
    requires_sight=False,
)
