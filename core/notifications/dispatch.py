"""A change → NotificationLog rows in the same transaction; sockets and queue after commit.

Called explicitly by the verbs, and by nobody else (import-linter keeps it so): there are no signals.
"""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from core.domain.change import Change
from core.domain.policies import sees_internal, sees_ticket
from core.domain.transitions import part_of
from core.models import DeliveryStatus, NotificationLog, Priority, Reason, Role, User
from core.models.notification import SYSTEM
from core.notifications import frames, positions, registry
from core.notifications.event import Event, Group
from core.notifications.message import language
from core.notifications.nudge import nudge
from core.notifications.publish import push
from core.notifications.rows import inbox, save


class Told(NamedTuple):
    """One notification to be: who is told of which change, and why."""

    change: Change
    event: Event
    user_id: int
    language: str
    reason: Reason
    has_feed: bool


class Draft(NamedTuple):
    """The rows of one notification, one for each channel, the inbox's first."""

    told: Told
    rows: list[NotificationLog]


class Candidate(NamedTuple):
    """Somebody who may have to be told; `feed` is its key, if there is one."""

    pk: int
    role: str
    locale: str
    feed: int | None


# By hand: built anew by the ORM each time, it takes as long as writing all the rows. On both databases the same.
CANDIDATES = """
    SELECT person.id, person.role, person.locale, feed.user_id
    FROM core_user person LEFT JOIN core_feed feed ON feed.user_id = person.id
    WHERE person.is_active AND (person.id IN ({named}) OR person.role IN ({role})) AND person.id NOT IN ({out})
        AND NOT EXISTS (SELECT 1 FROM core_notificationlog told WHERE told.recipient_id = person.id
            AND told.notification_type = %s AND told.dedupe_key = %s)
        AND NOT EXISTS (SELECT 1 FROM core_mute mute WHERE mute.user_id = person.id AND mute.ticket_id IN ({muted}))
    ORDER BY person.id
"""


def announce(*changes: Change) -> None:
    """Tell everyone who should know of these changes of one action; nobody of what they did themselves.

    Must run in the transaction of the action, after its other locks: feeds are locked last.
    """
    require_transaction()
    told = [notice for change in dict.fromkeys(changes) for notice in notices(change)]
    if not told:
        return
    drafts = draft(told)  # before anybody has to wait
    positions.make({notice.user_id for notice in told if not notice.has_feed})
    rows = [row for one in still_told(drafts) for row in one.rows]
    if not rows:
        return
    saved = save(rows)

    def tell() -> None:
        push([(row.recipient_id, frames.announced(row, unread_count=count)) for row, count in inbox(rows, saved)])

    transaction.on_commit(tell, robust=True)
    transaction.on_commit(nudge, robust=True)


def require_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("announce() belongs in the transaction of the change")


def notices(change: Change) -> list[Told]:
    """Resolve an event's audience: active people who may see the ticket, each for its first reason."""
    event = registry.events()[change.event]
    reasons: dict[int, Reason] = {}
    for group in event.audience:
        for user_id in members(group, change):
            reasons.setdefault(user_id, group.reason)
    return [
        Told(
            change,
            event,
            user.pk,
            language(user.locale),
            reasons.get(user.pk, Reason.ADMIN),
            has_feed=user.feed is not None,
        )
        for user in candidates(event, change, reasons)
        if not event.requires_sight or sees(user, change)
    ]


def candidates(event: Event, change: Change, named: Collection[int]) -> list[Candidate]:
    """The active among those named, and the admins, but those whom this event leaves out, and whoever did it.

    Nor those who were told before: nobody else can be telling them now, since the key holds the version of a
    ticket that is locked. Were it otherwise, a constraint refuses the second row.
    """
    roles = [Role.ADMIN.value] if Group.ADMINS in event.audience else []
    if not (named or roles):
        return []
    out = {change.actor.id if change.actor else 0}  # an empty list would leave everybody out
    out |= {user_id for group in event.but for user_id in members(group, change)}
    muted = [change.ticket.id] if change.ticket and not event.pierces_mute else []
    sql = CANDIDATES.format(named=marks(named), role=marks(roles), out=marks(out), muted=marks(muted))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*named, *roles, *out, SYSTEM, change.key, *muted])
        return [Candidate(*row) for row in cursor.fetchall()]


def marks(values: Collection[object]) -> str:
    """A list of SQL for so many parameters; an empty one has nobody in it."""
    return ", ".join(["%s"] * len(values)) or "NULL"


def members(group: Group, change: Change) -> tuple[int, ...]:
    """The people of a group that the change itself names; admins are looked up."""
    named = {
        Group.CREATOR: (change.creator_id,) if change.creator_id else (),
        Group.MEMBERS: change.member_ids,
        Group.ASSIGNEES: change.assignee_ids,
        Group.NEWLY_ASSIGNED: change.newly_assigned_ids,
        Group.UNASSIGNED: change.unassigned_ids,
        Group.WATCHERS: change.watcher_ids,
        Group.MENTIONED: change.mentioned_ids,
    }
    return named.get(group, ())


def sees(user: Candidate, change: Change) -> bool:
    """Whether somebody may see what it is about, and what was said on it."""
    if change.ticket is None:
        return True
    people = {"assignee_ids": change.assignee_ids, "watcher_ids": change.watcher_ids}
    part = part_of(user, creator_id=change.creator_id or 0, **people)
    return sees_ticket(part) and (not change.is_internal or sees_internal(user.role))


def still_told(drafts: list[Draft]) -> list[Draft]:
    """Without those who have become clients since, of what is said among staff.

    Looked at under the lock of all the feeds: whoever makes somebody a client forgets, under that lock, what is
    internal: before this, or after its rows.
    """
    listening = {notice.user_id for notice, _ in drafts if notice.change.is_internal}
    if not listening:
        return drafts
    positions.lock({notice.user_id for notice, _ in drafts})
    staff = {pk for pk, role in User.objects.filter(pk__in=listening).values_list("pk", "role") if sees_internal(role)}
    return [draft for draft in drafts if not draft.told.change.is_internal or draft.told.user_id in staff]


def draft(told: list[Told]) -> list[Draft]:
    """Build one row per notification and channel, the inbox's first; all but their positions."""
    facts = {(notice.change, notice.language): facts_of(notice) for notice in told}
    drafts = []
    for notice in told:
        own = {"recipient_id": notice.user_id, "notification": uuid.uuid4(), "reason": notice.reason.value}
        shared = facts[notice.change, notice.language] | own
        only = notice.change.channels
        keys = [key for key in registry.channels() if not only or key == SYSTEM or key in only]
        drafts.append(Draft(notice, [row_for(shared, key, notice.change.at) for key in keys]))
    return drafts


def facts_of(notice: Told) -> dict[str, Any]:
    """What the rows of a change say alike to all who read one language."""
    change, about, ticket = notice.change, notice.change.about, notice.change.ticket
    message = notice.event.message(change, notice.language)
    return {
        "dedupe_key": change.key,
        "event": change.event,
        "resource_type": about.type,
        "resource_id": about.id,
        "url": about.url,
        "subject": message.subject,
        "message": message.text,
        "ticket_id": ticket.id if ticket else None,
        "ticket_snapshot": ticket.as_dict() if ticket else None,
        "actor": change.actor.as_dict() if change.actor else None,
        "is_internal": change.is_internal,
        "is_critical": ticket is not None and ticket.priority == Priority.CRITICAL,
        "created_at": change.at,
    }


def row_for(shared: dict[str, Any], channel: str, at: datetime) -> NotificationLog:
    """The inbox row has arrived when it is committed; the others are due at once."""
    if channel == SYSTEM:
        status, due, arrived = DeliveryStatus.DELIVERED, None, at
    else:
        status, due, arrived = DeliveryStatus.PENDING, at, None
    own = {"status": status.value, "next_attempt_at": due, "sent_at": arrived, "delivered_at": arrived}
    return NotificationLog(**shared, **own, notification_type=channel)
