"""What tests of questions and answers share: how they come about, their calls, and what all of them refuse."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Model

from core.actions import question_answers, questions
from core.models import Answer, NotificationLog, Question, Tag, User, Vote
from core.notifications import registry
from tests.openapi import ApiClient
from tests.tickets import NOT_ACCEPTED, rows

URL = "/api/questions/"
NOBODY_ASKED = 999_999
TITLE, BODY = "Why is the checkout blank?", "Since this morning, in every browser."
HELPS = "Clear the cache."
CONTENTS: list[type[Model]] = [Question, Question.tags.through, Tag, Answer, Vote, NotificationLog]
WRONG_BODIES: list[Any] = ["", "  ", "\u200b", None, "a\0b", ["x"], {}, "x" * 20_001]


def ask(author: User, title: str = TITLE, body: str = BODY, **more: Any) -> Question:
    return questions.ask(actor=author, title=title, body=body, **more)


def reply(author: User, question: Question, body: str = HELPS) -> Answer:
    return question_answers.answer(actor=author, question_id=question.pk, body=body)


def url(post: Question | Answer, what: str = "") -> str:
    return f"{post.url}{what}/" if what else post.url


def refused(code: int, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """The body of the refusal, which left not a trace."""
    before = everything()
    response = call(*arguments, **options)
    assert response.status_code == code, response.content
    assert everything() == before
    return response.json()


def everything() -> dict[str, list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        return {model.__name__: rows(cursor, model._meta) for model in CONTENTS}


def nothing_is_left() -> bool:
    return not any(model._default_manager.exists() for model in (Question, Answer, Vote))


def takes_nothing(client: ApiClient, where: str) -> None:
    """An action without input refuses some."""
    assert refused(400, client.post, where, {"value": 1}) == {"value": NOT_ACCEPTED}


def told(user: User, event: str) -> list[tuple[str, str, int, str, str | None]]:
    """What `user` has been told of an event, as texts with what they are about and by whom, oldest first.

    Each on every channel.
    """
    mine = NotificationLog.objects.filter(recipient=user, event=event)
    shown = mine.filter(notification_type="SYSTEM").order_by("pk")
    assert mine.count() == shown.count() * len(registry.channels())
    assert {row.reason for row in mine} <= {"member"}
    return [
        (row.message, row.resource_type, row.resource_id, row.url, row.actor and row.actor["username"]) for row in shown
    ]
