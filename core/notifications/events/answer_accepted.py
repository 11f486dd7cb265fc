"""An answer was accepted as the one that helped."""

from datetime import UTC, datetime

from core.domain.change import Change, Person, Resource
from core.notifications.event import Event, Group
from core.notifications.message import Message

event = Event(
    key="answer_accepted",
    audience=(Group.MEMBERS,),
    words={
        "en": Message("Accepted: {question}", "{actor} accepted your answer: {question}"),
        "de": Message("Angenommen: {question}", "{actor} hat Ihre Antwort angenommen: {question}"),
        "es": Message("Aceptada: {question}", "{actor} ha aceptado su respuesta: {question}"),
        "ko": Message("답변 채택: {question}", "{actor} 님이 회원님의 답변을 채택했습니다: {question}"),
    },
    example=Change(
        event="answer_accepted",
        key="answer_accepted:9",
        at=datetime(2026, 1, 30, 12, 0, tzinfo=UTC),
        actor=Person(4, "cleo", "Cleo Client"),
        resource=Resource("answer", 9, "/api/answers/9/"),
        facts=(("question", "Why is the checkout blank?"),),
        member_ids=(2,),
    ),
    requires_sight=False,
)
