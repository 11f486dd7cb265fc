"""NOTIFICATIONS_KEPT_DAYS: what was read is deleted for age, and whoever missed it fetches the list anew."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone
from pytest_django import Settings

from core.actions import inbox, tickets
from core.models import DeliveryAttempt, DeliveryStatus, Feed, NotificationLog, Status, User
from core.notifications import feed, positions, trim
from core.tasks import tidy
from tests.api.notifications.inbox import assert_counts_are_those_of_the_rows
from tests.conftest import MakeTicket
from tests.notifications.support import at_once, row_of


@pytest.fixture(autouse=True)
def _a_year(settings: Settings) -> None:
    settings.NOTIFICATIONS_KEPT_DAYS = 365


@pytest.fixture
def aged(make_ticket: MakeTicket) -> None:
    """A ticket's whole life, over a year ago: three notifications for Cleo, three for Ada, two for Dan."""
    make_ticket(Status.CLOSED)
    NotificationLog.objects.update(created_at=timezone.now() - timedelta(days=366))


def tidied() -> None:
    tidy()
    assert_counts_are_those_of_the_rows()


def left_to(user: User) -> list[str]:
    return sorted(set(NotificationLog.objects.filter(recipient=user).values_list("event", flat=True)))


def test_what_was_read_long_ago_goes_on_all_channels_and_nothing_else(aged: None, cleo: User, ada: User) -> None:
    mine = row_of(cleo, "SYSTEM", "work_started")
    sent = {"started_at": timezone.now(), "token": mine.notification}
    DeliveryAttempt.objects.create(delivery=row_of(cleo, "EMAIL", "work_started"), **sent)
    inbox.mark_read(user=cleo, ids=[mine.pk])
    tidied()
    assert left_to(cleo) == ["ticket_opened", "work_finished"]
    assert not NotificationLog.objects.filter(notification=mine.notification).exists()
    assert not DeliveryAttempt.objects.exists()
    assert NotificationLog.objects.filter(recipient=ada).count() == 9
    assert feed.unread_count(feed.read(cleo.pk)) == 2


@pytest.mark.parametrize("status", [DeliveryStatus.PENDING, DeliveryStatus.SENDING])
def test_what_is_still_to_be_sent_stays(aged: None, cleo: User, status: DeliveryStatus) -> None:
    mine = row_of(cleo, "EMAIL", "work_started")
    inbox.mark_read(user=cleo, ids=[mine.pk])
    lease = {"lease_until": timezone.now(), "attempt_token": mine.notification} if status == "SENDING" else {}
    NotificationLog.objects.filter(pk=mine.pk).update(status=status, next_attempt_at=timezone.now(), **lease)
    tidied()
    assert len(left_to(cleo)) == 3


def test_what_is_younger_stays(make_ticket: MakeTicket, cleo: User, settings: Settings) -> None:
    make_ticket(Status.CLOSED)
    NotificationLog.objects.update(created_at=timezone.now() - timedelta(days=364))
    inbox.mark_all_read(user=cleo)
    positions.fold_all()
    tidied()
    assert len(left_to(cleo)) == 3


def test_by_default_nothing_is_deleted(aged: None, cleo: User, settings: Settings) -> None:
    settings.NOTIFICATIONS_KEPT_DAYS = 0
    inbox.mark_all_read(user=cleo)
    positions.fold_all()
    tidied()
    assert len(left_to(cleo)) == 3


def test_whoever_missed_its_last_change_is_told_to_fetch_anew_and_nobody_else(aged: None, cleo: User) -> None:
    inbox.archive(user=cleo, notification_id=row_of(cleo, "SYSTEM", "ticket_opened").pk)
    inbox.mark_read(user=cleo, ids=[row_of(cleo, "SYSTEM", "work_started").pk])
    assert feed.inbox_count(feed.read(cleo.pk)) == 2
    tidied()
    own = feed.read(cleo.pk)
    assert (own.min_seq, own.top_seq, own.inbox_count, own.counted_seq) == (5, 6, 1, 6)
    assert feed.replay(cleo.pk, 4, None).reason == feed.changes(cleo.pk, 4, None).reason == "trimmed"
    for known in (5, 6):
        replay, changes = feed.replay(cleo.pk, known, None), feed.changes(cleo.pk, known, None)
        assert (replay.reason, replay.created, replay.state) == ("", [], None)
        assert (changes.reason, changes.results, changes.seq) == ("", [], 6)
    tidied()
    assert feed.read(cleo.pk).top_seq == 6


def test_very_many_go_in_batches(aged: None, cleo: User, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trim, "BATCH", 2)
    for user in (cleo, ada):
        inbox.mark_all_read(user=user)
        positions.fold_all()
    tidied()
    assert left_to(cleo) == left_to(ada) == []
    assert [feed.read(user.pk).min_seq for user in (cleo, ada)] == [4, 4]
    assert feed.inbox_count(feed.read(cleo.pk)) == 0


@pytest.mark.django_db(transaction=True)
def test_while_it_is_trimmed_an_inbox_may_be_counted_and_changed(cleo: User, ada: User) -> None:
    made = [tickets.create(actor=cleo, title="Bug Fix", description="Since today.") for _ in range(6)]
    NotificationLog.objects.update(
        created_at=timezone.now() - timedelta(days=366),
        status=DeliveryStatus.SENT,
        next_attempt_at=None,
    )
    keys = [row.pk for row in NotificationLog.objects.filter(ticket__in=made, notification_type="SYSTEM")]
    inbox.mark_read(user=ada, ids=keys[:3])

    def look() -> int:
        return feed.inbox_count(feed.read(ada.pk))

    at_once(look, tidy, look, partial(inbox.mark_read, user=ada, ids=keys[3:4]), look, tidy)
    tidied()
    assert look() == NotificationLog.objects.filter(notification_type="SYSTEM").count() == 2
    assert Feed.objects.get(user=ada).min_seq >= 7
