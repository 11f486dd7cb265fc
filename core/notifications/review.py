"""What speaks against sending a claimed row is written down, whatever goes wrong with one of them."""

from collections.abc import Iterable

import structlog

from core.models import NotificationLog
from core.notifications import carried, letters, outcomes, pace, registry
from core.notifications.channel import Channel
from core.notifications.line import line_up
from core.notifications.second_look import SecondLook

STUCK = "delivery_stuck"

logger = structlog.get_logger(__name__)


def still_to_go(rows: Iterable[NotificationLog], channel: Channel, look: SecondLook) -> list[NotificationLog]:
    """Those against which nothing speaks."""
    return [row for row in rows if is_to_go(row, channel, look)]


def is_to_go(row: NotificationLog, channel: Channel, look: SecondLook) -> bool:
    """Whether nothing speaks against sending it; what does is written down."""
    try:
        if row.event not in registry.events() and row.event not in letters.LETTERS:
            outcomes.leave(row)
            return False
        if objection := carried.objection(row) or look.objection(row, channel):
            outcomes.follow(row, objection)
        return not objection
    except Exception:
        # The database's fault or ours. The row is taken again after its lease; it must not hold up the others.
        logger.exception(STUCK, delivery=row.pk, channel=row.notification_type)
        return False


def in_turn(rows: list[NotificationLog], look: SecondLook) -> list[NotificationLog]:
    """Those whose turn it is; the others are put off. What a crash has cut off has had its turn."""
    late = pace.in_time([row for row in rows if not look.crashes[row.pk]])
    done = line_up(rows, late)
    for row in rows:
        if row.pk in late and row.pk not in done:
            outcomes.follow(row, late[row.pk])
    return [row for row in rows if row.pk not in late]
