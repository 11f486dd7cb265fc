"""Watching and muting: what somebody wants to hear of a ticket. Personal, so no history, no version, nobody told.

All are idempotent. They lock the ticket, so that a watch does not outlive the assignment that let somebody see it.
"""

from django.db import transaction

from core.actions import unread
from core.actions.step import Step
from core.models import Mute, User, Watch


def watch(*, actor: User, ticket_id: int) -> None:
    """Whoever sees the ticket hears of its comments from now on."""
    _set("watch", Watch, actor, ticket_id, wanted=True)


def unwatch(*, actor: User, ticket_id: int) -> None:
    _set("unwatch", Watch, actor, ticket_id, wanted=False)


def mute(*, actor: User, ticket_id: int) -> None:
    """Whoever sees the ticket hears only when assigned to it or mentioned."""
    _set("mute", Mute, actor, ticket_id, wanted=True)


def unmute(*, actor: User, ticket_id: int) -> None:
    _set("unmute", Mute, actor, ticket_id, wanted=False)


def _set(action: str, model: type[Watch] | type[Mute], actor: User, ticket_id: int, *, wanted: bool) -> None:
    with transaction.atomic():
        # Locked first: a role taken meanwhile took the watches, too, and none may be added by the role it was.
        step = Step.on(ticket_id, User.objects.select_for_update(no_key=True).get(pk=actor.pk))
        step.take(action)  # the table has the say, though so far it lets everybody who sees the ticket
        if wanted:
            model._default_manager.get_or_create(ticket=step.ticket, user=actor, defaults={"created_at": step.now})
        else:
            model._default_manager.filter(ticket=step.ticket, user=actor).delete()
            unread.sight_changed(step, lost=[actor.pk] if model is Watch else [])
