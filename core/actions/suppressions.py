"""What the provider of our mails reports afterwards: it came back, or its recipient calls it spam."""

from collections.abc import Collection

import structlog
from django.db import transaction
from django.utils import timezone

from core.domain.change import Change, Resource
from core.models import DeliveryStatus, NotificationLog, Suppression, User
from core.notifications import metrics
from core.notifications.dispatch import announce

LEFT = [DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.UNKNOWN]

logger = structlog.get_logger(__name__)


def suppress(*, address: str, cause: Suppression.Cause, detail: str = "", provider_id: str = "") -> None:
    """Send no more to somebody's address, tell the admins, and mark the mail that was meant; again changes nothing.

    Addresses of nobody's are not kept: the provider may have other customers of the same account.
    """
    now = timezone.now()
    with transaction.atomic():
        person = User.objects.matching("email", address).first()
        if person is None:
            return
        found, is_new = Suppression.objects.get_or_create(
            address=person.email.lower(), defaults={"cause": cause, "detail": detail[:200], "created_at": now}
        )
        if is_new:
            announce(suppressed(person, found))
        # After the feeds are locked, as whoever reads a notification does it.
        mails = NotificationLog.objects.filter(recipient=person, notification_type="EMAIL", status__in=LEFT)
        failed = list(mails.filter(provider_id=provider_id)) if provider_id else []
        mails.filter(pk__in=[row.pk for row in failed]).update(status=DeliveryStatus.FAILED, error=cause.value)
    for row in failed:
        metrics.came_to(row, DeliveryStatus.FAILED)
    logger.info("address_reported", user_id=person.pk, cause=cause.value, suppressed=is_new)


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
