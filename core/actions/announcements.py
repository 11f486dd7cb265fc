"""What other applications tell people: the verb behind core.extension."""

from collections.abc import Collection, Mapping

from django.utils import timezone

from core.domain.change import Change, Person, Resource
from core.models import User
from core.notifications import dispatch, others, positions, registry

MAX_RECIPIENTS = 1_000


def announce(  # noqa: PLR0913 - all that an announcement is
    *,
    event: str,
    key: str,
    recipients: Collection[int],
    resource: Resource,
    actor: User | None = None,
    facts: Mapping[str, str] | None = None,
    comment: str = "",
    channels: Collection[str] = (),
) -> None:
    """Tell these people of an event that another application has registered; never the `actor`, nor who is inactive.

    In the transaction of what it tells, after its other locks, those of other announcements included: one in a
    transaction. ValueError, and nothing told, when it is not as it was registered. `key` tells this occurrence from
    all others of the event: announced again, it tells nobody twice. `recipients`: keys of people, at most
    MAX_RECIPIENTS. `channels`: by which alone it goes, beside the inbox.
    """
    dispatch.require_transaction()
    known = registry.other_events.get(event)
    if known is None:
        raise ValueError(f"{event!r} has not been registered by register_event()")
    change = Change(
        event=event,
        key=f"{event}:{key}",
        at=timezone.now(),
        actor=Person(actor.pk, actor.username, actor.full_name) if actor else None,
        resource=resource,
        facts=tuple((facts or {}).items()),
        channels=tuple(channels),
        member_ids=tuple(recipients),
        comment=comment,
    )
    others.check_change(known, change)
    require_people(recipients)
    # Before dispatch looks who has been told: whoever announces the same just now waits here until we have committed.
    positions.lock(recipients)
    dispatch.announce(change)


def require_people(ids: Collection[int]) -> None:
    """ValueError where somebody is not there, or they are too many."""
    if len(ids) > MAX_RECIPIENTS:
        raise ValueError(f"at most {MAX_RECIPIENTS} people are told at once")
    if unknown := set(ids).difference(User.objects.filter(pk__in=ids).values_list("pk", flat=True)):
        raise ValueError(f"nobody has the id {min(unknown)}")
