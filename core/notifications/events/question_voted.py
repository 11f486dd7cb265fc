"""Somebody voted on a question, or many did within a minute."""

from datetime import UTC, datetime

from core.domain.change import Change, Person, Resource
from core.notifications.event import Event, Group
from core.notifications.message import Message

event = Event(
    key="question_voted",
    audience=(Group.MEMBERS,),
    words={
        "en": Message("Your question: {question}", "{voters} {did}: {question}"),
        "de": Message("Ihre Frage: {question}", "{voters} {did}: {question}"),
        "es": Message("Su pregunta: {question}", "{voters} {did}: {question}"),
        "ko": Message("회원님의 질문: {question}", "{voters}{did}: {question}"),
    },
    example=Change(
        event="question_voted",
        key="question_voted:7:1",
        at=datetime(2026, 1, 30, 12, 0, tzinfo=UTC),
        actor=Person(4, "cleo", "Cleo Client"),
        resource=Resource("question", 7, "/api/questions/7/"),
        facts=(
            ("voters", "Cleo Client"),
            ("did", "voted for your question"),
            ("question", "Why is the checkout blank?"),
        ),
        member_ids=(2,),
    ),
    requires_sight=False,
    terms={
        "de": {
            "voted for your question": "hat für Ihre Frage gestimmt",
            "voted on your question": "hat Ihre Frage bewertet",
            "people voted for your question": "Personen haben für Ihre Frage gestimmt",
            "people voted on your question": "Personen haben Ihre Frage bewertet",
        },
        "es": {
            "voted for your question": "ha votado a favor de su pregunta",
            "voted on your question": "ha valorado su pregunta",
            "people voted for your question": "personas han votado a favor de su pregunta",
            "people voted on your question": "personas han valorado su pregunta",
        },
        "ko": {
            "voted for your question": " 님이 회원님의 질문을 추천했습니다",
            "voted on your question": " 님이 회원님의 질문을 평가했습니다",
            "people voted for your question": "명이 회원님의 질문을 추천했습니다",
            "people voted on your question": "명이 회원님의 질문을 평가했습니다",
        },
    },
)
