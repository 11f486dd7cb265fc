"""Somebody answered a question."""

from datetime import UTC, datetime

from core.domain.change import Change, Person, Resource
from core.notifications.event import Event, Group
from core.notifications.message import Message

event = Event(
    key="answer_created",
    audience=(Group.MEMBERS,),
    words={
        "en": Message("Answered: {question}", "{actor} answered your question: {question}"),
        "de": Message("Beantwortet: {question}", "{actor} hat Ihre Frage beantwortet: {question}"),
        "es": Message("Respondida: {question}", "{actor} ha respondido a su pregunta: {question}"),
        "ko": Message("답변 등록: {question}", "{actor} 님이 회원님의 질문에 답변했습니다: {question}"),
    },
    example=Change(
        event="answer_created",
        key="answer_created:9",
        at=datetime(2026, 1, 30, 12, 0, tzinfo=UTC),
        actor=Person(1, "ada", "Ada Admin"),
        resource=Resource("answer", 9, "/api/answers/9/"),
        facts=(("question", "Why is the checkout blank?"),),
        member_ids=(4,),
    ),
    requires_sight=False,
)
