"""What people say on a ticket, and whom they mention."""

import re
from itertools import chain

from django.db import transaction

from core.actions.step import Step, Versions
from core.domain.errors import NotAllowed
from core.domain.policies import sees_internal, sees_ticket
from core.models import Comment, User

# As usernames are, possessively: the @ of an e-mail address, of a URL and of @name@host is none.
MENTION = re.compile(r"(?<![\w.+/-])_*@([\w.+-]{1,160}+)(?![\w.+@-])")
CODE = re.compile(r"`+[^`]*`+")
MAX_NAMES = 100
MAX_MENTIONS = 20


def add_comment(
    *, actor: User, ticket_id: int, comment: str, is_internal: bool = False, if_version: Versions = None
) -> Comment:
    """Anyone who sees the ticket says something, staff also to staff alone.

    Creator, assignees and watchers are told, and whoever is mentioned, of that instead.
    """
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        if is_internal and not sees_internal(actor.role):
            raise NotAllowed
        step.take("add_comment", if_version)
        said = Comment.objects.create(
            ticket=step.ticket, author=actor, body=comment, is_internal=is_internal, created_at=step.now
        )
        step.finish(
            "add_comment",
            tell=["comment_added", "mentioned"],
            comment=comment,
            changes={"is_internal": [None, True]} if is_internal else None,
            mentioned_ids=tuple(mentioned(step, comment, is_internal=is_internal)),
            is_internal=is_internal,
        )
        return said


def mentioned(step: Step, comment: str, *, is_internal: bool) -> list[int]:
    """The first MAX_MENTIONS active people who may read the comment, of the MAX_NAMES first named by @username."""
    names = list(dict.fromkeys(name.lower() for name in MENTION.findall(CODE.sub(" ", comment))))[:MAX_NAMES]
    if not names:
        return []
    # The full stop may be the sentence's, and the underscores may be emphasis.
    spelled = [[name, name.rstrip(".+-"), name.rstrip("._+-")] for name in names]
    found = User.objects.matching("username", *set(chain(*spelled))).filter(is_active=True)
    people = {user.username.lower(): user for user in found}
    named = [next((people[one] for one in spellings if one in people), None) for spellings in spelled]
    return [
        user.pk
        for user in dict.fromkeys(named)
        if user and sees_ticket(step.part_of(user)) and (not is_internal or sees_internal(user.role))
    ][:MAX_MENTIONS]
