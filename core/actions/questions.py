"""The verbs of a question. Nobody is told of a new one; who looks for an answer finds it."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.actions.posts import locked
from core.actions.tags import set_tags
from core.domain.errors import Conflict, Invalid
from core.domain.privacy import without_private
from core.domain.questions import require_may_change, require_unanswered
from core.models import Question, Status, Ticket, User

EDITABLE = ("title", "body")


def ask(
    *, actor: User, title: str = "", body: str = "", tags: Collection[str] = (), ticket: int | None = None
) -> Question:
    """Ask something, or make a question of a closed ticket that `actor` sees: what is not given is taken from that.

    Its words alone, without what is private in them; not its tags, people, comments or files.
    """
    now = timezone.now()
    with transaction.atomic():
        source = None if ticket is None else closed_ticket(ticket, actor)
        words = public_words(source) if source else {}
        given = {name: value for name, value in (("title", title), ("body", body)) if value}
        question = Question.objects.create(author=actor, ticket=source, created_at=now, updated_at=now, **words | given)
        if tags:
            set_tags(question, tags)
    return question


def closed_ticket(pk: int, actor: User) -> Ticket:
    ticket = Ticket.objects.visible_to(actor).select_related("created_by").filter(pk=pk).first()
    if ticket is None:
        raise Invalid({"ticket": ["You see no ticket with this id."]})
    if ticket.status != Status.CLOSED:
        raise Conflict("Only a closed ticket can become a question.", code="ticket_not_closed")
    return ticket


def public_words(ticket: Ticket) -> dict[str, str]:
    """Its title and description, without the names of its project and people, and not longer than they may be."""
    people = [ticket.created_by, *ticket.assigned_to.all()]
    names = [ticket.project_name, *(person.full_name for person in people)]
    return {
        "title": without_private(ticket.title, names)[:200],
        "body": without_private(ticket.description, names)[:20_000],
    }


def update(*, actor: User, question_id: int, **fields: Any) -> None:
    """Author or admin correct it: EDITABLE fields and `tags`."""
    with transaction.atomic():
        question = locked(Question, question_id)
        require_may_change(actor, question.author_id)
        changed = [name for name in EDITABLE if name in fields and fields[name] != getattr(question, name)]
        retagged = "tags" in fields and set_tags(question, fields["tags"])
        if changed or retagged:
            for name in changed:
                setattr(question, name, fields[name])
            question.updated_at = timezone.now()
            question.save(update_fields=[*changed, "updated_at"])


def delete(*, actor: User, question_id: int) -> None:
    """Its author, unless others have answered; an admin. Answers and votes go with it."""
    with transaction.atomic():
        question = locked(Question, question_id)
        require_may_change(actor, question.author_id)
        # Locked, so that nobody votes on one that is just going.
        authors = set(question.answers.select_for_update(no_key=True).values_list("author", flat=True))
        require_unanswered(actor, is_answered_by_others=bool(authors - {question.author_id}))
        question.delete()
