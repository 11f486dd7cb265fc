"""NOTIFICATIONS_KEPT_DAYS and ATTEMPTS_KEPT_DAYS: what is deleted for age; whoever missed it fetches the list anew."""

import io
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from core.actions import inbox, tickets
from core.models import DeliveryAttempt, DeliveryStatus, Feed, NotificationLog, Status, User
from core.notifications import feed, positions, trim
from core.notifications.letters import PASSWORD_RESET
from core.notifications.post import post
from core.notifications.trim import Expired
from core.tasks import trim as task
from tests.api.notifications.inbox import assert_counts_are_those_of_the_rows
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.notifications.support import at_once, row_of


@pytest.fixture(autouse=True)
def _a_year(settings: Settings) -> None:
    settings.NOTIFICATIONS_KEPT_DAYS = 365


@pytest.fixture
def closed(make_ticket: MakeTicket) -> None:
    """A ticket's whole life: three notifications for Cleo, three for Ada, two for Dan."""
    make_ticket(Status.CLOSED)


def trimmed(*, days: int = 366) -> Expired:
    """So much later; what would go has been told before."""
    then = timezone.now() + timedelta(days=days)
    counted = trim.expired(then)
    gone = trim.trim(then)
    assert gone == counted
    assert_counts_are_those_of_the_rows()
    return gone


def left_to(user: User) -> list[str]:
    return sorted(set(NotificationLog.objects.filter(recipient=user).values_list("event", flat=True)))


def test_what_was_read_long_ago_goes_on_all_channels_and_nothing_else(closed: None, cleo: User, ada: User) -> None:
    mine = row_of(cleo, "SYSTEM", "work_started")
    sent = {"started_at": timezone.now(), "token": mine.notification}
    DeliveryAttempt.objects.create(delivery=row_of(cleo, "EMAIL", "work_started"), **sent)
    inbox.mark_read(user=cleo, ids=[mine.pk])
    assert trimmed() == Expired(notifications=1)
    assert left_to(cleo) == ["ticket_opened", "work_finished"]
    assert not NotificationLog.objects.filter(notification=mine.notification).exists()
    assert not DeliveryAttempt.objects.exists()
    assert NotificationLog.objects.filter(recipient=ada).count() == 9
    assert feed.unread_count(feed.read(cleo.pk)) == 2


@pytest.mark.parametrize("status", [DeliveryStatus.PENDING, DeliveryStatus.SENDING])
def test_what_is_still_to_be_sent_stays(closed: None, cleo: User, status: DeliveryStatus) -> None:
    mine = row_of(cleo, "EMAIL", "work_started")
    inbox.mark_read(user=cleo, ids=[mine.pk])
    lease = {"lease_until": timezone.now(), "attempt_token": mine.notification} if status == "SENDING" else {}
    NotificationLog.objects.filter(pk=mine.pk).update(status=status, next_attempt_at=timezone.now(), **lease)
    trimmed()
    assert len(left_to(cleo)) == 3


def test_what_was_read_later_stays_however_old_it_is(closed: None, cleo: User) -> None:
    NotificationLog.objects.update(created_at=timezone.now() - timedelta(days=1_000))
    inbox.mark_all_read(user=cleo)
    positions.fold_all()
    assert trimmed(days=364) == Expired()
    assert len(left_to(cleo)) == 3


def test_what_carries_one_that_has_not_ended_yet_stays(closed: None, cleo: User) -> None:
    carrier, carried = row_of(cleo, "EMAIL", "work_started"), row_of(cleo, "EMAIL", "work_finished")
    inbox.mark_read(user=cleo, ids=[carrier.pk])
    waits = NotificationLog.objects.filter(pk=carried.pk)
    waits.update(status=DeliveryStatus.PENDING, next_attempt_at=timezone.now(), carried_by=carrier)
    assert trimmed() == Expired()
    waits.update(status=DeliveryStatus.SENT, next_attempt_at=None)
    assert trimmed() == Expired(notifications=1)
    assert row_of(cleo, "EMAIL", "work_finished").carried_by is None


def test_letters_expire_by_when_they_were_written(
    ada: User, mailbox: FakeSmtp, deliver: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trim, "BATCH", 1)
    for _ in range(2):
        with transaction.atomic():
            post(PASSWORD_RESET, to=ada)
    assert trimmed() == Expired()  # nobody has sent them
    deliver()
    assert len(mailbox.take_all(count=2)) == 2
    assert trimmed(days=364) == Expired()
    assert trimmed() == Expired(letters=2)
    assert not NotificationLog.objects.exists()


def test_attempts_expire_by_themselves_once_their_delivery_is_settled(
    closed: None, cleo: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trim, "BATCH", 2)
    settings.NOTIFICATIONS_KEPT_DAYS, settings.ATTEMPTS_KEPT_DAYS = 0, 30
    events = ("ticket_opened", "work_started", "work_finished")
    statuses = (DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN, DeliveryStatus.SENT)
    for event, status in zip(events, statuses, strict=True):
        row = row_of(cleo, "EMAIL", event)
        NotificationLog.objects.filter(pk=row.pk).update(status=status, next_attempt_at=None)
        DeliveryAttempt.objects.create(delivery=row, started_at=timezone.now(), token=row.notification)
    assert trimmed(days=29) == Expired()
    assert trimmed(days=31) == Expired(attempts=2)
    assert DeliveryAttempt.objects.get().delivery.status == DeliveryStatus.UNKNOWN
    assert len(left_to(cleo)) == 3


def test_the_command_says_what_would_go_and_lets_it_go(closed: None, cleo: User) -> None:
    inbox.archive(user=cleo, notification_id=row_of(cleo, "SYSTEM", "ticket_opened").pk)
    NotificationLog.objects.update(read_at=timezone.now() - timedelta(days=366))

    def said(*options: str) -> str:
        out = io.StringIO()
        call_command("trim", *options, stdout=out)
        return out.getvalue()

    assert said("--dry-run") == "Would be deleted: 1 notifications, 0 letters, 0 attempts.\n"
    assert said() == "Deleted: 1 notifications, 0 letters, 0 attempts.\n"
    assert said("--dry-run") == "Would be deleted: 0 notifications, 0 letters, 0 attempts.\n"


def test_by_default_nothing_is_deleted(closed: None, cleo: User, settings: Settings) -> None:
    settings.NOTIFICATIONS_KEPT_DAYS = 0
    inbox.mark_all_read(user=cleo)
    positions.fold_all()
    trimmed()
    assert len(left_to(cleo)) == 3


def test_whoever_missed_its_last_change_is_told_to_fetch_anew_and_nobody_else(closed: None, cleo: User) -> None:
    inbox.archive(user=cleo, notification_id=row_of(cleo, "SYSTEM", "ticket_opened").pk)
    inbox.mark_read(user=cleo, ids=[row_of(cleo, "SYSTEM", "work_started").pk])
    assert feed.inbox_count(feed.read(cleo.pk)) == 2
    trimmed()
    own = feed.read(cleo.pk)
    assert (own.min_seq, own.top_seq, own.inbox_count, own.counted_seq) == (5, 6, 1, 6)
    assert feed.replay(cleo.pk, 4, None).reason == feed.changes(cleo.pk, 4, None).reason == "trimmed"
    for known in (5, 6):
        replay, changes = feed.replay(cleo.pk, known, None), feed.changes(cleo.pk, known, None)
        assert (replay.reason, replay.created, replay.state) == ("", [], None)
        assert (changes.reason, changes.results, changes.seq) == ("", [], 6)
    trimmed()
    assert feed.read(cleo.pk).top_seq == 6


def test_very_many_go_in_batches(closed: None, cleo: User, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trim, "BATCH", 2)
    for user in (cleo, ada):
        inbox.mark_all_read(user=user)
        positions.fold_all()
    trimmed()
    assert left_to(cleo) == left_to(ada) == []
    assert [feed.read(user.pk).min_seq for user in (cleo, ada)] == [4, 4]
    assert feed.inbox_count(feed.read(cleo.pk)) == 0


@pytest.mark.django_db(transaction=True)
def test_while_it_is_trimmed_an_inbox_may_be_counted_and_changed(cleo: User, ada: User) -> None:
    made = [tickets.create(actor=cleo, title="Bug Fix", description="Since today.") for _ in range(6)]
    NotificationLog.objects.update(status=DeliveryStatus.SENT, next_attempt_at=None)
    keys = [row.pk for row in NotificationLog.objects.filter(ticket__in=made, notification_type="SYSTEM")]
    inbox.mark_read(user=ada, ids=keys[:3])
    NotificationLog.objects.filter(is_read=True).update(read_at=timezone.now() - timedelta(days=366))

    def look() -> int:
        return feed.inbox_count(feed.read(ada.pk))

    at_once(look, task, look, partial(inbox.mark_read, user=ada, ids=keys[3:4]), look, task)
    trimmed()
    assert look() == NotificationLog.objects.filter(notification_type="SYSTEM").count() == 2
    assert Feed.objects.get(user=ada).min_seq >= 7
