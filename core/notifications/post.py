"""Puts a letter into the queue of its channel: one row that is no notification, so in no inbox, feed or count."""

import uuid

from django.db import connection, transaction
from django.utils import timezone

from core.models import NotificationLog, Reason, User
from core.notifications.letters import Posted
from core.notifications.nudge import nudge


def post(letter: Posted, *, to: User, key: str = "", actor: User | None = None) -> None:
    """Write to somebody, in the transaction of whatever is the reason. The same `key` again writes nothing."""
    if not connection.in_atomic_block:
        raise RuntimeError("post() belongs in the transaction of its reason")
    now, message = timezone.now(), letter.message(to, actor.full_name if actor else "")
    row = NotificationLog(
        recipient=to,
        notification=uuid.uuid4(),
        dedupe_key=f"{letter.key}:{key or uuid.uuid4()}",
        notification_type=letter.channel,
        event=letter.key,
        reason=Reason.MEMBER,
        resource_type="user",
        resource_id=to.pk,
        url="/api/auth/me/",
        subject=message.subject,
        message=message.text,
        actor={"id": actor.pk, "username": actor.username, "full_name": actor.full_name} if actor else None,
        created_at=now,
        seq=0,
        changed_seq=0,
        unread_seq=0,
        is_read=True,
        next_attempt_at=now,
    )
    NotificationLog.objects.bulk_create([row], ignore_conflicts=True)
    transaction.on_commit(nudge, robust=True)
