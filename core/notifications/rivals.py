"""One digest is one mail, also when several claims hold rows of it: all of them are due at one instant."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db.models import Min, Q
from django.utils import timezone

from core.models import NotificationLog
from core.notifications import preferences
from core.notifications.bundle import Bundle
from core.notifications.channel import Channel
from core.notifications.claims import Claim, held_by_others
from core.notifications.line import line_up
from core.notifications.verdict import put_off

SOON, LATER = timedelta(seconds=2), timedelta(seconds=60)


def digests_elsewhere(channel: Channel, batch: Claim, bundles: Collection[Bundle]) -> dict[Bundle, int]:
    """Digests of which another claim holds rows just now, as all are due at one instant; the first of those rows."""
    digests = [bundle for bundle in bundles if not bundle.event]
    if not digests:
        return {}
    wanted = reduce(or_, [bundle.waiting() for bundle in digests])
    held = held_by_others(batch, wanted & Q(notification_type=channel.key))
    return {Bundle(person): first for person, first in held.order_by().values_list("recipient_id").annotate(Min("pk"))}


def leave(left: Mapping[Bundle, Sequence[NotificationLog]], held: Mapping[Bundle, int]) -> None:
    """Put off what several claims hold of one digest: whoever holds the very first row gathers it a moment later."""
    late, now = {}, timezone.now()
    for bundle, rows in left.items():
        first = min(row.pk for row in rows)
        for row in rows:
            again = now + (SOON if row.pk == first < held[bundle] else LATER)
            late[row.pk] = put_off(preferences.DIGEST, again)
    line_up([row for rows in left.values() for row in rows], late)
