"""A developer started."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="work_started",
    audience=(Group.CREATOR,),
    words={
        "en": Message("{number} in progress: {title}", "{actor} started work on your ticket: {title}"),
        "de": Message("{number} in Arbeit: {title}", "{actor} arbeitet jetzt an Ihrem Ticket: {title}"),
        "es": Message("{number} en curso: {title}", "{actor} ha empezado a trabajar en su ticket: {title}"),
        "ko": Message("{number} 진행 중: {title}", "{actor} 님이 회원님의 티켓 작업을 시작했습니다: {title}"),
    },
    example=example_change("work_started", actor="dan"),
)
