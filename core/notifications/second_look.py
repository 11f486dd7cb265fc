"""Just before sending: is this still to be sent, and can it be?"""

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Value
from django.utils import timezone

from core.domain.policies import sees_internal, sees_ticket
from core.domain.sla import CLOCKS
from core.domain.texts import TAKEN_BACK
from core.domain.transitions import FINAL, part_of
from core.models import (
    Assignment,
    AttemptOutcome,
    DeliveryAttempt,
    DeliveryStatus,
    Mute,
    NotificationLog,
    Preference,
    Status,
    Watch,
)
from core.notifications import feed as feeds
from core.notifications import letters, preferences, registry
from core.notifications.channel import Channel
from core.notifications.claims import Claim, with_what_decides
from core.notifications.doubt import DOUBTFUL, most_crashes
from core.notifications.event import Group
from core.notifications.gone import Posts, gone
from core.notifications.suppressed import suppressed
from core.notifications.verdict import Verdict, cancelled, skipped

LASTS = 30.0  # seconds after which a batch whose sends are slow is looked at anew

Pairs = set[tuple[int, int]]  # of a ticket and somebody


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What a batch needs to know, read in three queries, four for mails, whatever its size.

    One more for questions that some of it is about, and one for answers.
    """

    assigned: Pairs
    watching: Pairs
    muted: Pairs
    unsure: set[int]  # deliveries with an attempt of which nobody knows whether it arrived
    doubts: Counter[int]  # how many attempts of each ended so
    crashes: Counter[int]  # how many attempts of each were cut off
    sent_before: set[int]  # deliveries with an attempt that was sent, or of which the provider has reported
    suppressed: set[str]  # addresses that take no mail of ours any more, in lower case
    gone: Posts  # that some of it is about
    until: float  # time.monotonic() after which it is out of date

    @classmethod
    def at(cls, claim: Claim) -> "SecondLook":
        bring_crews(claim.rows)
        said = [one for row in claim.rows for one in (row, *row.crew)]
        tickets = {one.ticket_id for one in said if one.ticket_id}
        ties: tuple[Pairs, Pairs, Pairs] = (set(), set(), set())
        first, *others = (
            model._default_manager.filter(ticket__in=tickets).order_by().values_list("ticket_id", "user_id", Value(tie))
            for tie, model in enumerate((Assignment, Watch, Mute))
        )
        for ticket, user, tie in first.union(*others):
            ties[tie].add((ticket, user))
        found = DeliveryAttempt.objects.filter(delivery__in=claim.rows)
        attempts = list(found.values_list("delivery_id", "outcome", "reported"))
        doubts = Counter(pk for pk, outcome, reported in attempts if outcome in DOUBTFUL and not reported)
        crashes = Counter(pk for pk, outcome, reported in attempts if not (outcome or reported))
        sent = {pk for pk, outcome, reported in attempts if reported or outcome == AttemptOutcome.SENT}
        out = suppressed([row.recipient.email for row in claim.rows if row.notification_type == "EMAIL"])
        return cls(*ties, {*doubts, *crashes}, doubts, crashes, sent, out, gone(said), time.monotonic() + LASTS)

    def is_fresh(self) -> bool:
        return time.monotonic() <= self.until

    def objection(self, row: NotificationLog, channel: Channel) -> Verdict | None:
        """Why `row` is not to be sent, or not now."""
        moot = self._moot(row) if row.recipient.is_active else "recipient_inactive"
        if moot:
            return cancelled(moot)
        wish = preferences.objection(wishes(row), row, timezone.now())
        obstacle = channel.obstacle(row.recipient, row.event) or self._bounced(row)
        if obstacle and (wish is None or wish.until):  # who cannot be reached need not wait to hear it
            return skipped(obstacle)
        if wish is None and self.crashes[row.pk] > most_crashes(channel):
            return Verdict(DeliveryStatus.UNKNOWN, "crashed")
        return wish

    def _bounced(self, row: NotificationLog) -> str:
        """Why the address of a mail takes no more of them, or nothing."""
        is_out = row.notification_type == "EMAIL" and row.recipient.email.lower() in self.suppressed
        return "address_suppressed" if is_out else ""

    def _out_of_sight(self, row: NotificationLog) -> bool:
        ticket = row.ticket
        if ticket is not None and ticket.deleted_at is not None:
            return True
        if row.is_internal and not sees_internal(row.recipient.role):
            return True
        if not registry.events()[row.event].requires_sight or row.ticket_snapshot is None:
            return False
        if ticket is None:
            return True
        pair = (ticket.pk, row.recipient_id)
        groups = {
            "assignee_ids": [row.recipient_id] if pair in self.assigned else [],
            "watcher_ids": [row.recipient_id] if pair in self.watching else [],
        }
        return not sees_ticket(part_of(row.recipient, creator_id=ticket.created_by_id, **groups))

    def _moot(self, row: NotificationLog) -> str:
        """Why the recipient is not to hear of it any more, or nothing."""
        if row.event in letters.LETTERS:
            return letters.moot(row)
        if self._out_of_sight(row):
            return "ticket_out_of_sight"
        event, pair = registry.events()[row.event], (row.ticket_id, row.recipient_id)
        is_late = row.is_fallback or preferences.is_for_digest(wishes(row), row)
        reasons = {
            "muted": pair in self.muted and not event.pierces_mute,
            "ticket_closed": event.while_status and row.ticket is not None and row.ticket.status in FINAL,
            "reminder_outdated": event.while_status and is_outdated(row, event.while_status),
            "assigned_again": pair in self.assigned and Group.UNASSIGNED in event.audience,
            "message_deleted": row.message == TAKEN_BACK,
            "resource_gone": (row.resource_type, row.resource_id) in self.gone,
            "read": is_late and is_read(row),
        }
        return next((reason for reason, holds in reasons.items() if holds), "")


def is_outdated(row: NotificationLog, while_status: Collection[Status]) -> bool:
    """Whether what a reminder is of has been done or put off; its key ends with the clock, if it is of one."""
    ticket, clock = row.ticket, CLOCKS.get(row.dedupe_key.rpartition(":")[2])
    if ticket is None:
        return False
    return ticket.status not in while_status or (clock is not None and getattr(ticket, clock.done) is not None)


def bring_crews(rows: Sequence[NotificationLog]) -> None:
    """Give each row those that it carries. Mostly there are none, and asking that is a tenth of the work."""
    carried = NotificationLog.objects.filter(carried_by__in=rows)
    if not carried.exists():
        return
    crews: defaultdict[int | None, list[NotificationLog]] = defaultdict(list)
    for one in with_what_decides(carried).order_by("pk"):
        crews[one.carried_by_id].append(one)
    for row in rows:
        row.crew = crews[row.pk]


def wishes(row: NotificationLog) -> Preference | None:
    """What counts for a row: letters, and what was asked for, are nobody's preference."""
    if row.event in letters.LETTERS or registry.events()[row.event].is_asked_for:
        return None
    return preferences.preference_of(row.recipient)


def is_read(row: NotificationLog) -> bool:
    """Whether it has been read in the inbox, also by a read-all that is not written into the row yet."""
    return not feeds.is_unread(row.recipient.feed, row)
