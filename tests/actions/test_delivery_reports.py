"""What Twilio reports of a message, in any order and any number of times: the end is the same."""

import uuid
from datetime import timedelta
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from core.actions import delivery_reports, inbox
from core.models import DeliveryAttempt, DeliveryStatus, Mute, NotificationLog, User
from core.notifications import carried, fallback, ledger, outcomes
from core.notifications.channel import Ambiguous
from core.notifications.deliver import drain
from tests.conftest import MakeTicket
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import PENDING, SENDING, SENT, at_once, row_of

DELIVERED, READ, FAILED = DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.FAILED
SID, OTHER_SID = "SM" + "1" * 32, "SM" + "2" * 32
ADDRESS = "whatsapp:+12025550101"
ANSWER, TIMEOUT = "the answer", "no answer"


@pytest.fixture
def row(make_ticket: MakeTicket, ada: User) -> NotificationLog:
    """A WhatsApp message to Ada, who also gets a mail."""
    make_ticket(quiet=False)
    NotificationLog.objects.filter(notification_type="EMAIL").update(status=SENT, next_attempt_at=None)
    return row_of(ada, "WHATSAPP")


def claimed(row: NotificationLog) -> DeliveryAttempt:
    """Its only attempt, under way."""
    row.delivery_attempts.all().delete()
    NotificationLog.objects.filter(pk=row.pk).update(
        **dict.fromkeys(("next_attempt_at", "sent_at", "delivered_at", "fallback_at")),
        **dict.fromkeys(("error", "provider_id"), ""),
        attempts=0,
        status=SENT,
        lease_until=None,
        attempt_token=None,
    )
    return begun(row)


def begun(row: NotificationLog) -> DeliveryAttempt:
    token = uuid.uuid4()
    NotificationLog.objects.filter(pk=row.pk).update(
        status=SENDING, attempt_token=token, lease_until=timezone.now() + timedelta(minutes=1), next_attempt_at=None
    )
    row.refresh_from_db()
    attempt = ledger.begin(row, token)
    assert attempt is not None
    return attempt


def happen(what: str, attempt: DeliveryAttempt, *, sid: str = SID) -> None:
    """The answer comes, or does not, or Twilio reports "undelivered 63003"."""
    said, _, code = what.partition(" ")
    if what == ANSWER:
        outcomes.succeed(attempt.delivery, attempt, sid, None)
    elif what == TIMEOUT:
        outcomes.fail(attempt.delivery, attempt, Ambiguous("timeout"))
    else:
        delivery_reports.report(
            delivery_id=attempt.delivery_id, attempt_id=attempt.pk, sid=sid, said=said, code=code, to=ADDRESS
        )


def state(row: NotificationLog) -> tuple[Any, ...]:
    """All that may differ; of times, whether they are set."""
    row.refresh_from_db()
    times = ("sent_at", "delivered_at", "next_attempt_at", "fallback_at", "lease_until")
    attempts = row.delivery_attempts.values_list("outcome", "code", "provider_id", "reported", "reported_code")
    set_times = tuple(name for name in times if getattr(row, name))
    return (row.status, row.error, row.attempts, row.provider_id, set_times, *attempts)


UNTIL_SENT, SENT_AT = ("sent_at", "fallback_at"), ("sent_at",)
TO_GO_AGAIN = ("sent_at", "next_attempt_at", "fallback_at")


ENDS: list[tuple[list[str], str, str, tuple[str, ...]]] = [
    (["queued", "sent"], SENT, "", UNTIL_SENT),
    (["sent", "delivered"], DELIVERED, "", ("sent_at", "delivered_at")),
    (["queued", "sent", "delivered", "read"], READ, "", ("sent_at", "delivered_at")),
    (["delivered", "read"], READ, "", ("sent_at", "delivered_at")),
    (["queued", "failed 63016"], FAILED, "63016", SENT_AT),
    (["queued", "sent", "undelivered 63003"], FAILED, "63003", SENT_AT),
    (["sent", "undelivered"], FAILED, "undelivered", SENT_AT),
    (["queued", "sent", "undelivered 30001"], PENDING, "30001", TO_GO_AGAIN),
    (["failed 63018"], PENDING, "63018", TO_GO_AGAIN),
]
WAYS = [(ANSWER, *end) for end in ENDS] + [(TIMEOUT, *end) for end in ENDS if len(end[0]) < 4]


@pytest.mark.parametrize(("answer", "reports", "status", "error", "times"), WAYS)
def test_in_every_order_the_end_is_the_same(
    answer: str, reports: list[str], status: str, error: str, times: tuple[str, ...], row: NotificationLog
) -> None:
    for order in permutations([*reports, answer]):
        attempt = claimed(row)
        for what in order:
            happen(what, attempt)
        end = state(row)
        assert end[:5] == (status, error, 1, SID, times), order
        said, _, code = reports[-1].partition(" ")
        outcome = ("SENT", "") if answer == ANSWER else ("AMBIGUOUS", "timeout")
        assert end[5:] == ((*outcome, SID, said, code),), order
    for what in reports:  # once more: Twilio repeats itself, or somebody else does
        happen(what, attempt)
    assert state(row) == end


def test_what_was_cut_off_is_settled_by_a_report(row: NotificationLog) -> None:
    attempt = claimed(row)
    NotificationLog.objects.filter(pk=row.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
    happen("sent", attempt)
    assert state(row)[:4] == (SENT, "", 1, SID)


def test_what_nobody_knew_is_known_by_a_report(row: NotificationLog) -> None:
    attempt = claimed(row)
    happen(TIMEOUT, attempt)
    NotificationLog.objects.filter(pk=row.pk).update(status=DeliveryStatus.UNKNOWN, next_attempt_at=None)
    happen("delivered", attempt)
    assert state(row)[:4] == (DELIVERED, "", 1, SID)


def test_an_earlier_attempt_that_failed_does_not_undo_a_later_one(row: NotificationLog) -> None:
    first = claimed(row)
    happen(TIMEOUT, first)
    second = begun(row)
    happen("failed 63003", first)
    assert state(row)[:2] == (SENDING, "timeout")
    happen(ANSWER, second, sid=OTHER_SID)
    happen("undelivered 63003", first)
    assert state(row)[:4] == (SENT, "", 2, OTHER_SID)
    happen("failed 63016", second, sid=OTHER_SID)
    assert state(row)[:4] == (FAILED, "63016", 2, OTHER_SID)
    happen("read", first)
    assert state(row)[:4] == (READ, "", 2, SID)


def test_a_message_that_was_found_again_fails_as_the_attempt_that_sent_it(row: NotificationLog) -> None:
    first = claimed(row)
    happen(TIMEOUT, first)
    happen(ANSWER, begun(row))  # the look-up found it
    happen("undelivered 63003", first)
    assert state(row)[:4] == (FAILED, "63003", 2, SID)


def test_what_twilio_did_not_have_when_it_was_asked_does_not_hide_a_later_failure(
    row: NotificationLog, ada: User, whatsapp: FakeTwilio
) -> None:
    happen(TIMEOUT, claimed(row))
    NotificationLog.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now())
    drain("WHATSAPP")
    whatsapp.take(ADDRESS.removeprefix("whatsapp:"))
    first, second = row.delivery_attempts.all()
    assert (first.outcome, first.code) == ("AMBIGUOUS", "not_found")
    happen("undelivered 63003", second, sid=second.provider_id)
    assert state(row)[:2] == (FAILED, "63003")
    happen("delivered", first)  # all the same
    assert state(row)[0] == DELIVERED


def test_what_arrived_while_it_went_again_has_arrived(row: NotificationLog) -> None:
    first = claimed(row)
    happen(TIMEOUT, first)
    second = begun(row)
    happen("delivered", first)
    assert ledger.begin(row, second.token) is None
    happen(ANSWER, second, sid=OTHER_SID)
    assert state(row)[:4] == (DELIVERED, "", 1, SID)


@pytest.mark.parametrize("status", [DeliveryStatus.CANCELLED, DeliveryStatus.SKIPPED])
def test_what_was_decided_otherwise_has_arrived_or_stays(status: str, row: NotificationLog) -> None:
    attempt = claimed(row)
    NotificationLog.objects.filter(pk=row.pk).update(status=status, error="muted", attempt_token=None, lease_until=None)
    happen("failed 63003", attempt)
    assert state(row)[:2] == (status, "muted")
    happen("delivered", attempt)
    assert state(row)[:2] == (DELIVERED, "")


def test_a_report_moves_no_feed_and_reads_nothing_here(row: NotificationLog, ada: User) -> None:
    before = (ada.feed.top_seq, row.changed_seq, row.is_read)
    happen("read", claimed(row))
    ada.feed.refresh_from_db()
    row.refresh_from_db()
    assert (ada.feed.top_seq, row.changed_seq, row.is_read) == before


def test_who_opted_out_at_twilio_has_opted_out_here(row: NotificationLog, ada: User) -> None:
    attempt = claimed(row)
    happen("undelivered 63003", attempt)
    assert User.objects.get(pk=ada.pk).whatsapp_opted_in
    happen("undelivered 63016", attempt)  # a later word of the same rank, by its code
    happen("delivered 21610", attempt)
    assert not User.objects.get(pk=ada.pk).whatsapp_opted_in


def test_what_passes_is_given_up_like_everything_else(row: NotificationLog) -> None:
    attempt = claimed(row)
    row.delivery_attempts.update(started_at=timezone.now() - timedelta(days=1))
    happen("failed 63018", attempt)
    assert state(row)[:2] == (FAILED, "63018")


@pytest.mark.parametrize(
    "wrong", [{"delivery_id": 0}, {"attempt_id": 0}, {"said": "partially_delivered"}, {"said": ""}]
)
def test_what_is_not_here_is_passed_over(wrong: dict[str, Any], row: NotificationLog) -> None:
    attempt = claimed(row)
    before = state(row)
    given: dict[str, Any] = {
        "delivery_id": row.pk,
        "attempt_id": attempt.pk,
        "sid": SID,
        "said": "sent",
        "code": "",
        "to": ADDRESS,
    }
    delivery_reports.report(**given | wrong)
    assert state(row) == before


def test_without_a_fallback_nothing_is_waited_for(row: NotificationLog, settings: Settings) -> None:
    settings.WHATSAPP_FALLBACK_MINUTES = 0
    happen("sent", claimed(row))
    assert state(row)[4] == ("sent_at",)


def test_those_that_go_in_its_message_follow(row: NotificationLog, make_ticket: MakeTicket, ada: User) -> None:
    make_ticket(quiet=False)
    other = NotificationLog.objects.filter(recipient=ada, notification_type="WHATSAPP").exclude(pk=row.pk)
    NotificationLog.objects.filter(notification_type="EMAIL").update(
        status=DeliveryStatus.SKIPPED, error="preference_off", next_attempt_at=None
    )
    attempt = claimed(row)
    other.update(carried_by=row, error="carried")
    for said in ("sent", "delivered"):
        happen(said, attempt)
        row.refresh_from_db()
        carried = other.get()
        assert (carried.status, carried.provider_id, carried.error) == (row.status, SID, "")
    assert not NotificationLog.objects.filter(is_fallback=True).exists()
    attempt = claimed(row)
    other.update(status=PENDING, next_attempt_at=timezone.now(), error="carried")
    happen("undelivered 63003", attempt)
    assert (other.get().status, other.get().error) == (FAILED, "63003")
    fallback.due()
    assert NotificationLog.objects.filter(is_fallback=True, status=PENDING).count() == 2


def test_those_that_went_in_its_message_wait_for_it_when_it_goes_again(
    row: NotificationLog, make_ticket: MakeTicket, ada: User, whatsapp: FakeTwilio
) -> None:
    make_ticket(quiet=False)
    other = NotificationLog.objects.filter(recipient=ada, notification_type="WHATSAPP").exclude(pk=row.pk)
    attempt = claimed(row)
    other.update(carried_by=row, error="carried")
    happen(ANSWER, attempt)
    carried.settle(row.pk)
    happen("undelivered 30001", attempt)
    row.refresh_from_db()
    again = other.get()
    assert (row.status, again.status, again.error) == (PENDING, PENDING, "carried")
    assert again.next_attempt_at is not None
    assert again.next_attempt_at > timezone.now() + timedelta(hours=24)
    assert row.ticket is not None
    Mute.objects.create(ticket=row.ticket, user=ada, created_at=timezone.now())
    NotificationLog.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now())
    drain("WHATSAPP")
    row.refresh_from_db()
    again = other.get()
    assert (row.status, row.error) == (DeliveryStatus.CANCELLED, "muted")
    assert (again.status, again.carried_by) == (SENT, None)
    assert again.link_key in whatsapp.take(ADDRESS.removeprefix("whatsapp:")).body


def test_reports_and_the_answer_at_the_same_moment_end_the_same(
    transactional_db: None, row: NotificationLog, ada: User
) -> None:
    for _ in range(5):
        attempt = claimed(row)
        told = [partial(happen, what, attempt) for what in (ANSWER, "sent", "delivered")]
        at_once(*told, partial(inbox.mark_all_read, user=ada))
        assert state(row) == (DELIVERED, "", 1, SID, ("sent_at", "delivered_at"), ("SENT", "", SID, "delivered", ""))
