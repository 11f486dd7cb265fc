"""Just before sending: is this still to be sent, and can it be?"""

from collections import Counter
from dataclasses import dataclass

from core.domain.policies import sees_ticket
from core.domain.transitions import Part
from core.models import Assignment, DeliveryAttempt, DeliveryStatus, NotificationLog
from core.models.choices import AttemptOutcome
from core.notifications import letters, registry
from core.notifications.channel import Channel
from core.notifications.claims import Claim
from core.notifications.retry import BACKOFF


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What a batch needs to know, read in two queries whatever its size."""

    assigned: set[tuple[int, int]]
    unsure: set[int]  # deliveries with an attempt of which nobody knows whether it arrived
    crashes: Counter[int]  # how many attempts of each were cut off

    @classmethod
    def at(cls, claim: Claim) -> "SecondLook":
        tickets = {row.ticket_id for row in claim.rows if row.ticket_id}
        assigned = set(Assignment.objects.filter(ticket__in=tickets).values_list("ticket_id", "user_id"))
        found = DeliveryAttempt.objects.filter(delivery__in=claim.rows)
        attempts = list(found.values_list("delivery_id", "outcome"))
        unsure = {pk for pk, outcome in attempts if outcome in ("", AttemptOutcome.AMBIGUOUS)}
        return cls(assigned, unsure, Counter(pk for pk, outcome in attempts if not outcome))

    def objection(self, row: NotificationLog, channel: Channel) -> tuple[DeliveryStatus, str] | None:
        """Why `row` is not to be sent, as its final status and reason."""
        if not row.recipient.is_active:
            return DeliveryStatus.CANCELLED, "recipient_inactive"
        event = registry.events().get(row.event)
        if row.event in letters.LETTERS:
            if letters.is_moot(row):
                return DeliveryStatus.CANCELLED, "password_is_set"
        elif (event is None or event.requires_sight) and not self._in_sight(row):
            return DeliveryStatus.CANCELLED, "ticket_out_of_sight"
        if channel.address(row.recipient) is None:
            return DeliveryStatus.SKIPPED, channel.no_address
        if self.crashes[row.pk] > len(BACKOFF):  # it seems to be what brings the workers down
            return DeliveryStatus.UNKNOWN, "crashed"
        return None

    def _in_sight(self, row: NotificationLog) -> bool:
        if row.ticket is None:
            return False
        return sees_ticket(
            Part(
                row.recipient.role,
                is_creator=row.ticket.created_by_id == row.recipient_id,
                is_assignee=(row.ticket.pk, row.recipient_id) in self.assigned,
            )
        )
