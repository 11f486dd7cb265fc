"""What is asked of single deliveries: that one goes again, or that one comes to show that it does."""

import structlog
from django.db import transaction
from django.utils import timezone

from core.actions.login_throttle import TooManyAttempts
from core.actions.slots import free_slot, this_hour, until_next_hour
from core.domain.change import Change, Resource
from core.domain.errors import Conflict, NotAllowed, NotVisible
from core.models import DeliveryStatus, NotificationLog, Role, User
from core.models.notification import SYSTEM
from core.notifications.dispatch import announce
from core.notifications.nudge import nudge

TEST = "test_notification"
TESTS_AN_HOUR = 5  # a person
GIVEN_UP = [DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN]

logger = structlog.get_logger(__name__)


def require_retryable(*, actor: User, delivery_id: int) -> NotificationLog:
    """Raise NotVisible for no delivery, to all but admins also for somebody else's; NotAllowed for all but admins."""
    visible = NotificationLog.objects.exclude(notification_type=SYSTEM)
    if actor.role != Role.ADMIN:
        visible = visible.filter(recipient=actor, seq__gt=0)
    row = visible.filter(pk=delivery_id).first()
    if row is None:
        raise NotVisible
    if actor.role != Role.ADMIN:
        raise NotAllowed
    return row


def retry(*, actor: User, delivery_id: int) -> NotificationLog:
    """An admin lets a delivery go again that failed, or of which nobody knows whether it arrived.

    Where the provider can be asked, it is asked before the second kind is sent. Raise NotVisible, NotAllowed, and
    Conflict when there is nothing to send again.
    """
    row = require_retryable(actor=actor, delivery_id=delivery_id)
    with transaction.atomic():
        again = {"status": DeliveryStatus.PENDING, "next_attempt_at": timezone.now(), "error": "", "attempts": 0}
        found = NotificationLog.objects.filter(pk=row.pk, status__in=GIVEN_UP)
        if not found.update(**again, carried_by=None, fallback_at=None):
            raise Conflict("This delivery has not failed.", code="not_failed")
        transaction.on_commit(nudge, robust=True)
        row.refresh_from_db()
    logger.info("delivery_retried", delivery=row.pk, channel=row.notification_type, user_id=actor.pk)
    return row


def send_test(*, user: User, channel: str) -> NotificationLog:
    """Send somebody one real notification on a channel, whatever their preferences are; raise TooManyAttempts."""
    now, kind = timezone.now(), f"{TEST}:{user.pk}"
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two at once take different places
        slot = free_slot(kind, user, SYSTEM, this_hour(), TESTS_AN_HOUR)
        if slot is None:
            raise TooManyAttempts(wait=until_next_hour(now))
        announce(
            Change(
                event=TEST,
                key=f"{kind}:{slot}",
                at=now,
                actor=None,
                resource=Resource("user", user.pk, "/api/auth/me/"),
                facts=(("channel", channel),),
                channels=(channel,),
                member_ids=(user.pk,),
            )
        )
        return NotificationLog.objects.get(recipient=user, notification_type=SYSTEM, dedupe_key=f"{kind}:{slot}")
