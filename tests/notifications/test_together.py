"""The outcome of one message and the attempt of the next are written together, and neither depends on the other."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from structlog.testing import capture_logs

from core.models import DeliveryAttempt, NotificationLog, User
from core.notifications import claims, ledger
from core.notifications.channel import Transient
from core.notifications.deliver import drain
from core.notifications.statements import Statement, run_together
from tests.conftest import MakeTicket
from tests.notifications.support import PENDING, SENDING, SENT, Pigeon, end_leases


@pytest.fixture
def three(pigeon: Pigeon, make_ticket: MakeTicket, ada: User) -> list[int]:
    """Three messages to Ada."""
    for _ in range(3):
        make_ticket(quiet=False)
    return list(NotificationLog.objects.filter(notification_type="PIGEON").order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def no_second_attempt() -> Iterator[None]:
    """A database that refuses the second attempt of a claim."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX one_attempt_a_claim ON core_deliveryattempt (token)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS one_attempt_a_claim")


def states() -> list[tuple[str, list[str]]]:
    """Each message's status and the outcomes of its attempts."""
    rows = NotificationLog.objects.filter(notification_type="PIGEON").order_by("pk")
    return [(row.status, list(row.delivery_attempts.values_list("outcome", flat=True))) for row in rows]


def test_one_is_settled_and_the_next_begun_before_it_is_sent(three: list[int], pigeon: Pigeon) -> None:
    seen: list[list[tuple[str, list[str]]]] = []
    pigeon.plans.extend([lambda: seen.append(states())] * 3)
    drain("PIGEON")
    assert [[attempts for _, attempts in one] for one in seen] == [
        [[""], [], []],
        [["SENT"], [""], []],
        [["SENT"], ["SENT"], [""]],
    ]
    assert [status for status, _ in seen[1]] == [SENT, SENDING, SENDING]
    assert states() == [(SENT, ["SENT"])] * 3


def test_after_a_failure_the_next_is_begun_by_itself(three: list[int], pigeon: Pigeon) -> None:
    pigeon.plans.extend(["flight", Transient("storm")])
    drain("PIGEON")
    assert states() == [(SENT, ["SENT"]), (PENDING, ["TRANSIENT"]), (SENT, ["SENT"])]


def test_a_lease_that_has_become_short_is_renewed_before_the_next_is_begun(
    three: list[int], pigeon: Pigeon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "NEEDED", claims.LEASE)
    leases: list[object] = []
    pigeon.plans.append("flight")
    pigeon.plans.append(
        lambda: leases.extend(NotificationLog.objects.filter(pk__in=three[1:]).values_list("lease_until", flat=True))
    )
    drain("PIGEON")
    assert len(set(leases)) == 2
    assert states() == [(SENT, ["SENT"])] * 3


@pytest.mark.django_db(transaction=True)
def test_an_attempt_that_cannot_be_begun_does_not_touch_the_outcome_before_it(
    three: list[int], pigeon: Pigeon, no_second_attempt: None
) -> None:
    with capture_logs() as logs:
        drain("PIGEON")
    assert states() == [(SENT, ["SENT"]), (SENDING, []), (SENDING, [])]
    assert [message.delivery_id for message in pigeon.sent] == three[:1]
    wrong = [(line["event"], line["delivery"]) for line in logs if line["log_level"] == "error"]
    assert wrong == [("attempt_not_begun", three[1]), ("delivery_stuck", three[1]), ("delivery_stuck", three[2])]
    for left in (three[1:], three[2:]):
        end_leases()
        drain("PIGEON")
        assert [message.delivery_id for message in pigeon.sent] == three[: -len(left) + 1 or None]
    assert DeliveryAttempt.objects.filter(outcome=SENT).count() == 3


@pytest.mark.django_db(transaction=True)
def test_what_has_left_is_written_down_when_the_database_is_back(
    three: list[int], pigeon: Pigeon, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = 0

    def failing(statements: list[Statement]) -> list[tuple[Any, ...]]:
        nonlocal failures
        if statements[-1][0] == ledger.SETTLE and failures < 3:
            failures += 1
            raise OperationalError("the database is away")
        return run_together(statements)

    monkeypatch.setattr(ledger, "run_together", failing)
    monkeypatch.setattr(ledger, "PAUSE", 0)
    drain("PIGEON")
    assert failures == 3
    assert states() == [(SENT, ["SENT"])] * 3
    assert [message.delivery_id for message in pigeon.sent] == three


def test_a_database_that_stays_away_is_waited_for_no_longer_than_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[object] = []

    def failing(statements: object) -> None:
        tries.append(statements)
        raise OperationalError("the database is away")

    monkeypatch.setattr(ledger, "run_together", failing)
    monkeypatch.setattr(ledger, "PAUSE", 0.1)
    with pytest.raises(OperationalError):
        ledger.insist([("SELECT 1", [])], until=timezone.now() + timedelta(seconds=0.25))
    assert 1 < len(tries) <= 4


def test_a_row_that_went_to_somebody_else_while_its_attempt_was_written_is_not_sent(
    three: list[int], pigeon: Pigeon, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = iter([True, False, True, True, True, True])
    monkeypatch.setattr("core.notifications.deliver.keep", lambda _token, _row: next(kept))
    drain("PIGEON")
    assert [message.delivery_id for message in pigeon.sent] == three[1:]
    assert states()[0] == (SENDING, ["TRANSIENT"])
