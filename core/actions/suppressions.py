"""What the provider of our mails reports afterwards: it came back, or its recipient calls it spam."""

from collections.abc import Collection

import structlog
from django.db import transaction
from django.utils import timezone

from core.domain.change import Change, Resource
from core.models import DeliveryStatus, NotificationLog, Suppression, User
from core.notifications import metrics, positions
from core.notifications.dispatch import announce

LEFT = [DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.UNKNOWN]

logger = structlog.get_logger(__name__)


def suppress(*, address: str, cause: Suppression.Cause, detail: str = "", provider_id: str = "") -> None:
    """Send no more to somebody's address, tell the admins, and mark the mail that was meant; again changes nothing.

    Addresses of nobody's are not kept: the provider may have other customers of the same account. Two transactions:
    the person's feed is locked for the mails, those of the admins to tell them, and feeds are locked all at once.
    """
    person = User.objects.matching("email", address).first()
    if person is None:
        return
    failed = mark(person, provider_id, cause) if provider_id else []
    now = timezone.now()
    with transaction.atomic():
        found, is_new = Suppression.objects.get_or_create(
            address=person.email.lower(), defaults={"cause": cause, "detail": detail[:200], "created_at": now}
        )
        if is_new:
            announce(suppressed(person, found))
    for row in failed:
        metrics.came_to(row, DeliveryStatus.FAILED)
    logger.info("address_reported", user_id=person.pk, cause=cause.value, suppressed=is_new)


def mark(person: User, provider_id: str, cause: Suppression.Cause) -> list[NotificationLog]:
    """The mail has failed; several rows, if it said several notifications: their feed first, as everybody does."""
    with transaction.atomic():
        positions.lock([person.pk])
        mails = NotificationLog.objects.filter(recipient=person, notification_type="EMAIL", status__in=LEFT)
        failed = list(mails.filter(provider_id=provider_id))
        mails.filter(pk__in=[row.pk for row in failed]).update(status=DeliveryStatus.FAILED, error=cause.value)
    return failed


def suppressed(person: User, found: Suppression) -> Change:
    return Change(
        event="address_suppressed",
        key=f"address_suppressed:{found.pk}",
        at=found.created_at,
        actor=None,
        resource=Resource("user", person.pk, f"/api/users/{person.pk}/"),
        facts=(("person", person.full_name),),
    )


def lift(*, ids: Collection[int]) -> None:
    """Send mail to these addresses again."""
    count, _ = Suppression.objects.filter(pk__in=ids).delete()
    logger.info("suppressions_lifted", count=count)
