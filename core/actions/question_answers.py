"""The verbs of an answer, but for votes. Whoever asked is told of it, whoever wrote it when it is accepted."""

from django.db import transaction
from django.utils import timezone

from core.actions.posts import locked, tell_author
from core.domain.errors import NotVisible
from core.domain.questions import require_may_change, require_not_accepted
from core.models import Answer, Question, User


def answer(*, actor: User, question_id: int, body: str) -> Answer:
    """Anybody answers; whoever asked is told."""
    now = timezone.now()
    with transaction.atomic():
        question = locked(Question, question_id)
        said = Answer.objects.create(question=question, author=actor, body=body, created_at=now, updated_at=now)
        question.answers_count += 1
        question.updated_at = now
        question.save(update_fields=["answers_count", "updated_at"])
        facts = (("question", question.title),)
        tell_author("answer_created", said, of=f"{said.pk}", to=question.author_id, at=now, actor=actor, facts=facts)
    return said


def update(*, actor: User, answer_id: int, body: str | None = None) -> None:
    """Author or admin correct it; nobody is told."""
    with transaction.atomic():
        said = locked(Answer, answer_id)
        require_may_change(actor, said.author_id)
        if body is not None and body != said.body:
            said.body, said.updated_at = body, timezone.now()
            said.save(update_fields=["body", "updated_at"])


def delete(*, actor: User, answer_id: int) -> None:
    """Its author, unless it is the accepted one; an admin. Its votes go with it."""
    with transaction.atomic():
        question, said = with_question(answer_id)
        require_may_change(actor, said.author_id)
        require_not_accepted(actor, is_accepted=question.accepted_answer_id == said.pk)
        said.delete()
        question.answers_count -= 1
        question.save(update_fields=["answers_count"])


def accept(*, actor: User, answer_id: int) -> None:
    """Whoever asked, or an admin, says that this one helped, in the place of any other; its author is told, once."""
    with transaction.atomic():
        question, said = with_question(answer_id)
        require_may_change(actor, question.author_id)
        if question.accepted_answer_id == said.pk:
            return
        set_accepted(question, said)
        facts, at = (("question", question.title),), question.updated_at
        tell_author("answer_accepted", said, of=f"{said.pk}", to=said.author_id, at=at, actor=actor, facts=facts)


def unaccept(*, actor: User, answer_id: int) -> None:
    """It did not help after all; nobody is told."""
    with transaction.atomic():
        question, said = with_question(answer_id)
        require_may_change(actor, question.author_id)
        if question.accepted_answer_id == said.pk:
            set_accepted(question, None)


def set_accepted(question: Question, said: Answer | None) -> None:
    question.accepted_answer = said
    question.updated_at = timezone.now()
    question.save(update_fields=["accepted_answer", "updated_at"])


def with_question(answer_id: int) -> tuple[Question, Answer]:
    """An answer and its question, both locked, the question first."""
    question_id = Answer.objects.filter(pk=answer_id).values_list("question", flat=True).first()
    if question_id is None:
        raise NotVisible
    return locked(Question, question_id), locked(Answer, answer_id)
