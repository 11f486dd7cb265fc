"""Just before sending: is this still to be sent, and can it be?"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from core.domain.policies import sees_ticket
from core.domain.transitions import part_of
from core.models import Assignment, DeliveryAttempt, DeliveryStatus, NotificationLog, Watch
from core.models.choices import AttemptOutcome
from core.notifications import letters, registry
from core.notifications.channel import Channel
from core.notifications.claims import Claim
from core.notifications.retry import BACKOFF


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What a batch needs to know, read in two queries whatever its size."""

    following: dict[int, set[int]]  # by ticket, who works on it or watches it
    unsure: set[int]  # deliveries with an attempt of which nobody knows whether it arrived
    crashes: Counter[int]  # how many attempts of each were cut off

    @classmethod
    def at(cls, claim: Claim) -> "SecondLook":
        tickets = {row.ticket_id for row in claim.rows if row.ticket_id}
        assigned, watching = (
            model._default_manager.filter(ticket__in=tickets).order_by().values_list("ticket_id", "user_id")
            for model in (Assignment, Watch)
        )
        found = DeliveryAttempt.objects.filter(delivery__in=claim.rows)
        attempts = list(found.values_list("delivery_id", "outcome"))
        unsure = {pk for pk, outcome in attempts if outcome in ("", AttemptOutcome.AMBIGUOUS)}
        following: defaultdict[int, set[int]] = defaultdict(set)
        for ticket, user in assigned.union(watching):
            following[ticket].add(user)
        return cls(following, unsure, Counter(pk for pk, outcome in attempts if not outcome))

    def objection(self, row: NotificationLog, channel: Channel) -> tuple[DeliveryStatus, str] | None:
        """Why `row` is not to be sent, as its final status and reason."""
        if not row.recipient.is_active:
            return DeliveryStatus.CANCELLED, "recipient_inactive"
        if row.event in letters.LETTERS:
            if letters.is_moot(row):
                return DeliveryStatus.CANCELLED, "password_is_set"
        elif self._out_of_sight(row):
            return DeliveryStatus.CANCELLED, "ticket_out_of_sight"
        if channel.address(row.recipient) is None:
            return DeliveryStatus.SKIPPED, channel.no_address
        if self.crashes[row.pk] > len(BACKOFF):  # it seems to be what brings the workers down
            return DeliveryStatus.UNKNOWN, "crashed"
        return None

    def _out_of_sight(self, row: NotificationLog) -> bool:
        ticket = row.ticket
        if ticket is not None and ticket.deleted_at is not None:
            return True
        if not registry.events()[row.event].requires_sight:
            return False
        if ticket is None:
            return True
        people = self.following.get(ticket.pk, set())
        return not sees_ticket(part_of(row.recipient, creator_id=ticket.created_by_id, assignee_ids=people))
