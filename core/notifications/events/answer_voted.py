"""Somebody voted on an answer, or many did within a minute."""

from datetime import UTC, datetime

from core.domain.change import Change, Person, Resource
from core.notifications.event import Event, Group
from core.notifications.message import Message

event = Event(
    key="answer_voted",
    audience=(Group.MEMBERS,),
    words={
        "en": Message("Your answer to: {question}", "{voters} {did}: {question}"),
        "de": Message("Ihre Antwort auf: {question}", "{voters} {did}: {question}"),
        "es": Message("Su respuesta a: {question}", "{voters} {did}: {question}"),
        "ko": Message("회원님의 답변: {question}", "{voters}{did}: {question}"),
    },
    example=Change(
        event="answer_voted",
        key="answer_voted:9:1",
        at=datetime(2026, 1, 30, 12, 0, tzinfo=UTC),
        actor=Person(4, "cleo", "Cleo Client"),
        resource=Resource("answer", 9, "/api/answers/9/"),
        facts=(
            ("voters", "Cleo Client"),
            ("did", "voted for your answer"),
            ("question", "Why is the checkout blank?"),
        ),
        member_ids=(2,),
    ),
    requires_sight=False,
    terms={
        "de": {
            "voted for your answer": "hat für Ihre Antwort gestimmt",
            "voted on your answer": "hat Ihre Antwort bewertet",
            "people voted for your answer": "Personen haben für Ihre Antwort gestimmt",
            "people voted on your answer": "Personen haben Ihre Antwort bewertet",
        },
        "es": {
            "voted for your answer": "ha votado a favor de su respuesta",
            "voted on your answer": "ha valorado su respuesta",
            "people voted for your answer": "personas han votado a favor de su respuesta",
            "people voted on your answer": "personas han valorado su respuesta",
        },
        "ko": {
            "voted for your answer": " 님이 회원님의 답변을 추천했습니다",
            "voted on your answer": " 님이 회원님의 답변을 평가했습니다",
            "people voted for your answer": "명이 회원님의 답변을 추천했습니다",
            "people voted on your answer": "명이 회원님의 답변을 평가했습니다",
        },
    },
)
