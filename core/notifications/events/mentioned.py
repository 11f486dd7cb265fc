"""Somebody was named by @username in a comment."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="mentioned",
    audience=(Group.MENTIONED,),
    words={
        "en": Message("{number} mentions you: {title}", "{actor} mentioned you on ticket: {title}{comment}"),
        "de": Message("{number} erwähnt Sie: {title}", "{actor} hat Sie in einem Ticket erwähnt: {title}{comment}"),
        "es": Message("{number} le menciona: {title}", "{actor} le ha mencionado en el ticket: {title}{comment}"),
        "ko": Message(
            "{number} 회원님을 언급함: {title}", "{actor} 님이 티켓에서 회원님을 언급했습니다: {title}{comment}"
        ),
    },
    example=example_change("mentioned", actor="ada", comment="@dan, have you seen this?"),
    pierces_mute=True,
)
