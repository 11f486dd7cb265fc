"""What people want to be told, where and when."""

from collections.abc import Mapping
from datetime import time
from typing import NamedTuple

import structlog
from django.db import transaction
from django.utils import timezone

from core.models import DeliveryStatus, NotificationLog, Preference, User
from core.notifications import positions, registry
from core.notifications.nudge import nudge
from core.notifications.preferences import DEFERRED, EVERY, NEVER, is_off

Events = Mapping[str, Mapping[str, bool]]  # event → channel → whether it is wanted there

logger = structlog.get_logger(__name__)


class QuietHours(NamedTuple):
    """From `start` to `end` on the wall clock of a time zone."""

    start: time
    end: time
    timezone: str


def change(*, user: User, events: Events, quiet_hours: QuietHours | None, digest: str) -> Preference:
    """Say what is wanted; events and channels that are not named stay as they are. All is checked by the caller.

    What waits because of the preferences until now is looked at again at once.
    """
    with transaction.atomic():
        preference = _locked(user.pk)
        preference.off = {
            channel: off
            for channel in sorted({*preference.off, *registry.outgoing_channels()})
            if (off := _off(preference, channel, events))
        }
        start, end, zone = quiet_hours or (None, None, "")
        preference.quiet_start, preference.quiet_end, preference.quiet_timezone = start, end, zone
        preference.digest = digest
        preference.save()
        _look_again(user.pk)
    logger.info("preferences_changed", user_id=user.pk)
    return preference


def turn_off_email(*, user_id: int) -> None:
    """No more notifications by e-mail for this person, for whatever reason; once more changes nothing."""
    with transaction.atomic():
        preference = _locked(user_id)
        preference.off = preference.off | {"EMAIL": [EVERY, NEVER]}
        preference.save(update_fields=["off", "updated_at"])


def _locked(user_id: int) -> Preference:
    return Preference.objects.select_for_update().get_or_create(user_id=user_id)[0]


def _off(preference: Preference, channel: str, events: Events) -> list[str]:
    """The events that are off on a channel from now on; when all are, those to come are, too.

    Who has unsubscribed has not until one of them is on again.
    """
    known, before = set(registry.events_by_preference()), set(preference.off.get(channel, []))
    off = (before | {event for event in known if is_off(preference, channel, event)}) - {EVERY, NEVER}
    for event, wanted in events.items():
        if channel in wanted:
            (off.discard if wanted[channel] else off.add)(event)
    if not off >= known:
        return sorted(off)
    return [EVERY, NEVER] if NEVER in before else [EVERY]


def _look_again(user_id: int) -> None:
    positions.lock([user_id])  # before the person's rows, as everybody does
    waiting = NotificationLog.objects.filter(recipient=user_id, status=DeliveryStatus.PENDING, error__in=DEFERRED)
    waiting.update(next_attempt_at=timezone.now())
    transaction.on_commit(nudge, robust=True)
