"""When to try again: eight times within a day."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.models import DeliveryAttempt, DeliveryStatus, NotificationLog, Ticket, User
from core.notifications.channel import Ambiguous, Transient
from core.notifications.deliver import drain
from core.notifications.retry import BACKOFF, next_attempt
from tests.notifications.support import PENDING, Pigeon, make_due, row_of

NOW = datetime(2026, 1, 30, 12, 0, tzinfo=UTC)
SECONDS = [5, 15, 45, 120, 600, 1_800, 7_200, 28_800]


def test_the_waits_are_those_of_the_design() -> None:
    assert [wait.total_seconds() for wait in BACKOFF] == SECONDS


@pytest.mark.parametrize(("attempts", "seconds"), list(enumerate(SECONDS, start=1)))
def test_each_wait_is_up_to_a_fifth_shorter_or_longer(attempts: int, seconds: int) -> None:
    waits = set()
    for _ in range(200):
        again = next_attempt(attempts, since=NOW, now=NOW)
        assert again is not None
        waits.add((again - NOW).total_seconds())
    assert 0.8 * seconds <= min(waits) < 0.9 * seconds
    assert 1.1 * seconds < max(waits) <= 1.2 * seconds


def test_the_ninth_failure_is_the_last() -> None:
    assert next_attempt(8, since=NOW, now=NOW) is not None
    assert next_attempt(9, since=NOW, now=NOW) is None


def test_the_provider_may_ask_for_longer_and_not_for_shorter() -> None:
    assert next_attempt(1, since=NOW, now=NOW, at_least=timedelta(hours=1)) == NOW + timedelta(hours=1)
    sooner = next_attempt(8, since=NOW, now=NOW, at_least=timedelta(seconds=1))
    assert sooner is not None
    assert sooner > NOW + timedelta(hours=6)


def test_after_a_day_it_is_given_up() -> None:
    created = NOW - timedelta(hours=23, minutes=59)
    assert next_attempt(1, since=created, now=NOW) is not None
    assert next_attempt(4, since=created, now=NOW) is None
    assert next_attempt(1, since=created, now=NOW, at_least=timedelta(minutes=2)) is None


def fail_until_the_end(pigeon: Pigeon, error: Exception, row: NotificationLog) -> int:
    """Let every attempt fail; return how many there were."""
    for attempt in range(1, 20):
        pigeon.plans.append(error)
        drain("PIGEON")
        row.refresh_from_db()
        if row.status != PENDING:
            return attempt
        assert row.attempts == attempt
        make_due(row)
    raise AssertionError("it never ends")


def test_what_never_works_has_failed_after_eight_retries(pigeon: Pigeon, told: Ticket, ada: User) -> None:
    row = row_of(ada, "PIGEON")
    assert fail_until_the_end(pigeon, Transient("storm"), row) == 9
    assert (row.status, row.error, row.attempts) == (DeliveryStatus.FAILED, "storm", 9)
    assert row.next_attempt_at is None
    drain("PIGEON")
    assert len(pigeon.sent) == 9


def test_what_may_have_arrived_is_unknown_in_the_end(pigeon: Pigeon, told: Ticket, ada: User) -> None:
    row = row_of(ada, "PIGEON")
    assert fail_until_the_end(pigeon, Ambiguous("fog"), row) == 9
    assert (row.status, row.error) == (DeliveryStatus.UNKNOWN, "fog")
    assert len(pigeon.looked_up) == 8


def test_what_was_tried_for_a_day_is_given_up(pigeon: Pigeon, told: Ticket, ada: User) -> None:
    row = row_of(ada, "PIGEON")
    began = row.created_at - timedelta(days=1)
    failed = {"finished_at": began, "outcome": "TRANSIENT"}
    DeliveryAttempt.objects.create(delivery=row, token=uuid4(), started_at=began, **failed)
    NotificationLog.objects.filter(pk=row.pk).update(attempts=1)
    assert fail_until_the_end(pigeon, Transient("storm"), row) == 1
    assert row.status == DeliveryStatus.FAILED


def test_what_waited_for_a_day_is_tried_all_the_same(pigeon: Pigeon, told: Ticket, ada: User) -> None:
    row = row_of(ada, "PIGEON")
    NotificationLog.objects.filter(pk=row.pk).update(created_at=row.created_at - timedelta(days=1))
    assert fail_until_the_end(pigeon, Transient("storm"), row) == 9
