"""Votes on questions and answers. Whoever wrote them is told of each voter once, and of many of a minute at once.

A vote of which they are to be told waits (`waits_since`). The first is told in the same breath; those that come within
a minute after are told together when that is over. A vote that is taken back before is not told.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import OperationalError, transaction
from django.utils import timezone

from core.actions.posts import Post, locked, name_of, tell_author
from core.domain.change import Facts
from core.domain.questions import require_may_vote
from core.models import Answer, Question, User, Vote

APART = timedelta(minutes=1)
BATCH = 500  # posts of a kind that one run takes

logger = structlog.get_logger(__name__)


def vote(kind: type[Post], *, actor: User, pk: int, value: int) -> None:
    """Say 1 or -1 to what somebody else wrote, or take that back: 0."""
    with transaction.atomic():
        post = locked(kind, pk)
        require_may_vote(actor, post.author_id)
        cast = post.votes.filter(user=actor).first() or Vote(user=actor, value=0, **{name_of(post): post})
        if cast.value == value:
            return
        now = timezone.now()
        post.score += value - cast.value
        post.save(update_fields=["score"])
        cast.value = value
        cast.waits_since = (cast.waits_since or now) if value and not cast.is_told else None
        cast.save()
        if cast.waits_since and (post.votes_told_at is None or post.votes_told_at <= now - APART):
            tell(post, now)


def tell_waiting() -> None:
    """Tell of the votes whose minute is over, each post by itself: one that fails is no reason to leave the others."""
    over = timezone.now() - APART
    tell_each(Question, over)
    tell_each(Answer, over)


def tell_each(kind: type[Post], over: datetime) -> None:
    posts = kind.objects.filter(votes__waits_since__isnull=False, votes_told_at__lte=over)
    for pk in posts.order_by("pk").values_list("pk", flat=True).distinct()[:BATCH]:
        try:
            tell_of(kind, pk, over)
        except OperationalError:
            raise  # the database is away
        except Exception:
            logger.exception("votes_stuck", post=kind.__name__, id=pk)


def tell_of(kind: type[Post], pk: int, over: datetime) -> None:
    """Looked at again under the lock: somebody else may have told of them meanwhile."""
    with transaction.atomic():
        post = kind.objects.select_for_update(no_key=True).filter(pk=pk, votes_told_at__lte=over).first()
        if post is not None:
            tell(post, timezone.now())


def tell(post: Question | Answer, now: datetime) -> None:
    """Tell whoever wrote a locked post of all the votes on it that wait, in one notification."""
    waiting = post.votes.filter(waits_since__isnull=False)
    votes = list(waiting.select_related("user").order_by("pk"))
    if not votes:
        return
    waiting.update(is_told=True, waits_since=None)
    post.votes_told_at = now
    post.save(update_fields=["votes_told_at"])
    name, alone = name_of(post), votes[0].user if len(votes) == 1 else None
    of = f"{post.pk}:{votes[0].pk}"  # each vote is told once
    facts = said(post, votes)
    tell_author(f"{name}_voted", post, of=of, to=post.author_id, at=now, actor=alone, facts=facts)


def said(post: Question | Answer, votes: Sequence[Vote]) -> Facts:
    """Who did what; the event's `terms` have it in other languages. Only what all voted for is called so."""
    name = name_of(post)
    did = f"{'voted for' if all(vote.value > 0 for vote in votes) else 'voted on'} your {name}"
    title = post.title if isinstance(post, Question) else post.question.title
    if len(votes) == 1:
        return (("voters", votes[0].user.full_name), ("did", did), ("question", title))
    return (("voters", f"{len(votes)}"), ("did", f"people {did}"), ("question", title))
