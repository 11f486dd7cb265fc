"""What became of an attempt, written to the attempt and, if we still hold it, to its delivery."""

from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from core.models import AttemptOutcome, DeliveryAttempt, DeliveryStatus, NotificationLog
from core.notifications import fallback, ledger, metrics, registry
from core.notifications.carried import along
from core.notifications.channel import Ambiguous, DeliveryError, Misconfigured, Permanent, Transient, Unknown
from core.notifications.claims import UNCLAIMED
from core.notifications.doubt import may_repeat
from core.notifications.retry import CIRCUIT, GIVE_UP_AFTER, LEFT, SETTLE, next_attempt
from core.notifications.verdict import Verdict, put_off

UNKNOWN_EVENT = "unknown_event"

logger = structlog.get_logger(__name__)

# Most specific first: Ambiguous is a Transient.
OUTCOMES: list[tuple[type[DeliveryError], AttemptOutcome]] = [
    (Ambiguous, AttemptOutcome.AMBIGUOUS),
    (Transient, AttemptOutcome.TRANSIENT),
    (Permanent, AttemptOutcome.PERMANENT),
    (Unknown, AttemptOutcome.UNKNOWN),
    (Misconfigured, AttemptOutcome.MISCONFIGURED),
]


def succeed(
    row: NotificationLog, attempt: DeliveryAttempt, provider_id: str, following: NotificationLog | None
) -> DeliveryAttempt | None:
    """The provider took it. Settles the row even after our lease has ended: it must not be sent again.

    Return the attempt of the row that follows, which was begun with that; None when it was not.
    """
    begun = ledger.settle(attempt, provider_id, following)
    note(row, AttemptOutcome.SENT)
    metrics.came_to(row, DeliveryStatus.SENT)
    return begun


def fail(
    row: NotificationLog, attempt: DeliveryAttempt, error: DeliveryError, *, unsure: bool = False, doubts: int = 0
) -> None:
    """It did not work: retry, give up or wait, by the error's class. Only the holder of the token moves the row.

    `unsure`: an earlier attempt may have arrived; a wrong configuration does not settle that. `doubts`: how many
    ended so that nobody can tell.
    """
    outcome = next(value for kind, value in OUTCOMES if isinstance(error, kind))
    if unsure and isinstance(error, Misconfigured):
        outcome = AttemptOutcome.AMBIGUOUS
    changes = consequence(row, error, unsure=unsure, doubts=doubts)
    with transaction.atomic(), along(row):
        ledger.finish(attempt, outcome, error.code)
        mine = NotificationLog.objects.filter(pk=row.pk, status=DeliveryStatus.SENDING, attempt_token=attempt.token)
        moved = mine.update(error=error.code, **changes, **UNCLAIMED)
    note(row, outcome, error.code)
    if moved and changes["status"] != DeliveryStatus.PENDING:
        metrics.came_to(row, changes["status"])
    if changes["fallback_at"]:
        fallback.due(row.pk)


def consequence(row: NotificationLog, error: DeliveryError, *, unsure: bool = False, doubts: int = 0) -> dict[str, Any]:
    """The row's next state after a failed attempt. What may have arrived before has not failed, unless we could ask."""
    attempts, now = row.attempts + 1, timezone.now()
    waits = {"status": DeliveryStatus.PENDING, "fallback_at": fallback.due_at(row, DeliveryStatus.PENDING, "", now)}
    if isinstance(error, Misconfigured):  # not this row's fault: the attempt does not count
        return waits | {"next_attempt_at": now + CIRCUIT}
    lost = isinstance(error, Unknown | Ambiguous)
    if isinstance(error, Transient) or (lost and may_repeat(row.notification_type, doubts + 1)):
        least = getattr(error, "retry_after", None) or (SETTLE if lost else None)
        again = next_attempt(attempts, since=ledger.first_tried(row, attempts), now=now, at_least=least)
        if again:
            return waits | {"next_attempt_at": again, "attempts": attempts}
    may_be_there = lost or (unsure and not registry.channels()[row.notification_type].can_be_asked)
    status = DeliveryStatus.UNKNOWN if may_be_there else DeliveryStatus.FAILED
    end = {"status": status, "next_attempt_at": None, "attempts": attempts}
    return end | {"fallback_at": fallback.due_at(row, status, error.code, now)}


def follow(row: NotificationLog, verdict: Verdict) -> None:
    """Do not send it, or not now; the reason stays in the row."""
    status, reason, until = verdict
    changes: dict[str, Any] = {"status": status, "error": reason, "next_attempt_at": until}
    if not until:
        changes["fallback_at"] = fallback.due_at(row, status, reason, timezone.now())
    mine = NotificationLog.objects.filter(pk=row.pk, status=DeliveryStatus.SENDING, attempt_token=row.attempt_token)
    with along(row):
        moved = mine.update(**changes, **UNCLAIMED)
    if moved and not until:
        metrics.came_to(row, status)
    if status == DeliveryStatus.UNKNOWN:
        ledger.close(row, reason)
    if changes.get("fallback_at"):
        fallback.due(row.pk)
    event = "delivery_put_off" if until else "delivery_dropped"
    logger.info(event, delivery=row.pk, channel=row.notification_type, status=status, reason=reason)


def leave(row: NotificationLog) -> None:
    """Of an event this release does not know: for a worker of the release that wrote it, within a day."""
    again = timezone.now() + LEFT
    if again > row.created_at + GIVE_UP_AFTER:
        return follow(row, Verdict(DeliveryStatus.FAILED, UNKNOWN_EVENT))
    return follow(row, put_off(UNKNOWN_EVENT, again))


def note(row: NotificationLog, outcome: AttemptOutcome, code: str = "") -> None:
    """In the log and in the metrics."""
    metrics.tried(row, outcome)
    log = logger.info if outcome == AttemptOutcome.SENT else logger.warning
    log(
        "delivery_attempted",
        delivery=row.pk,
        channel=row.notification_type,
        event_key=row.event,
        outcome=outcome,
        code=code,
    )
