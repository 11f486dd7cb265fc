"""What goes as one message: which deliveries of a person belong together."""

from typing import NamedTuple

from django.db.models import Q

from core.models import NotificationLog
from core.notifications import letters, preferences, registry
from core.notifications.second_look import SecondLook, wishes


class Bundle(NamedTuple):
    """What the rows of one message have in common; a digest is of a person alone."""

    recipient_id: int
    event: str = ""
    resource_type: str = ""
    resource_id: int = 0

    def waiting(self) -> Q:
        """Others of it. Letters, which have no position, are in none."""
        if self.event:
            return Q(**self._asdict())
        return Q(recipient_id=self.recipient_id, seq__gt=0, is_critical=False, is_fallback=False)


def bundle_of(row: NotificationLog, look: SecondLook) -> Bundle | None:
    """Which bundle a row may carry others of, or go with; none once it may have been sent."""
    if row.event in letters.LETTERS or row.attempts or row.pk in look.unsure or row.pk in look.sent_before:
        return None
    if preferences.is_for_digest(wishes(row), row):
        return Bundle(row.recipient_id)
    often = registry.events()[row.event].together
    return Bundle(row.recipient_id, row.event, row.resource_type, row.resource_id) if often else None
