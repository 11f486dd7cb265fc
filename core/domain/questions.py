"""Who may do what to questions and answers. Whoever is signed in reads, asks, answers, and votes on others' posts."""

from core.domain.errors import Conflict, NotAllowed
from core.domain.subjects import Someone
from core.models.choices import Role

QUESTION_ACTIONS = ("update", "delete", "vote", "answer")
ANSWER_ACTIONS = ("update", "delete", "vote", "accept", "unaccept")


def may_change(user: Someone, author_id: int) -> bool:
    """Whoever wrote it, or an admin. What may be done to a question includes which of its answers is accepted."""
    return user.pk == author_id or user.role == Role.ADMIN


def require_may_change(user: Someone, author_id: int) -> None:
    if not may_change(user, author_id):
        raise NotAllowed


def require_may_vote(user: Someone, author_id: int) -> None:
    """Nobody votes on what they wrote."""
    if user.pk == author_id:
        raise NotAllowed


def is_deletable(user: Someone, *, is_built_upon: bool) -> bool:
    """Of its author's own posts, what others have built upon stays; an admin may delete that, too."""
    return not is_built_upon or user.role == Role.ADMIN


def require_unanswered(user: Someone, *, is_answered_by_others: bool) -> None:
    if not is_deletable(user, is_built_upon=is_answered_by_others):
        raise Conflict("Others have answered this question.", code="question_answered")


def require_not_accepted(user: Someone, *, is_accepted: bool) -> None:
    if not is_deletable(user, is_built_upon=is_accepted):
        raise Conflict("This answer is the accepted one.", code="answer_accepted")


def question_actions(user: Someone, author_id: int, *, is_answered_by_others: bool) -> list[str]:
    """What `user` may do with a question now."""
    may = may_change(user, author_id)
    allowed = {
        "update": may,
        "delete": may and is_deletable(user, is_built_upon=is_answered_by_others),
        "vote": user.pk != author_id,
        "answer": True,
    }
    return [action for action in QUESTION_ACTIONS if allowed[action]]


def answer_actions(user: Someone, author_id: int, *, asker_id: int, is_accepted: bool) -> list[str]:
    """What `user` may do with an answer now."""
    may, decides = may_change(user, author_id), may_change(user, asker_id)
    allowed = {
        "update": may,
        "delete": may and is_deletable(user, is_built_upon=is_accepted),
        "vote": user.pk != author_id,
        "accept": decides and not is_accepted,
        "unaccept": decides and is_accepted,
    }
    return [action for action in ANSWER_ACTIONS if allowed[action]]
