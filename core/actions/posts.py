"""What the verbs of questions, answers and votes share: lock what somebody wrote, tell whoever wrote it."""

from datetime import datetime
from typing import TypeVar

from core.domain.change import Change, Facts, Person, Resource
from core.domain.errors import NotVisible
from core.models import Answer, Question, User
from core.notifications.dispatch import announce

Post = TypeVar("Post", Question, Answer)


def locked(kind: type[Post], pk: int) -> Post:
    """Lock it; NotVisible when it is not there (any more). A question is locked before its answers.

    Not its key, which votes and answers refer to.
    """
    post = kind.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if post is None:
        raise NotVisible
    return post


def tell_author(
    event: str, about: Question | Answer, *, of: str, to: int, at: datetime, actor: User | None, facts: Facts
) -> None:
    """`of` tells it from what else the event has to say."""
    change = Change(
        event=event,
        key=f"{event}:{of}",
        at=at,
        actor=Person(actor.pk, actor.username, actor.full_name) if actor else None,
        resource=Resource(name_of(about), about.pk, about.url),
        facts=facts,
        member_ids=(to,),
    )
    announce(change)


def name_of(post: Question | Answer) -> str:
    return "question" if isinstance(post, Question) else "answer"
