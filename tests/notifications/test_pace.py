"""Limits: so much at once, then each in turn; what is critical never waits."""

import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from core.actions import comments, inbox, password_reset
from core.models import Bucket, NotificationLog, Priority, Role, Status, User
from core.notifications import pace
from core.notifications.channel import Transient
from core.notifications.claims import claim, give_back
from core.notifications.deliver import drain
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.notifications.support import PENDING, SENT, Pigeon, at_once, make_due

EVENT = "ticket_created"

Raise = Callable[..., list[NotificationLog]]


@pytest.fixture
def raise_tickets(pigeon: Pigeon, make_ticket: MakeTicket) -> Raise:
    """So many tickets more that Ada hears of by pigeon; return all her rows, the oldest first."""

    def tell(count: int, priority: Priority = Priority.MEDIUM) -> list[NotificationLog]:
        for _ in range(count):
            make_ticket(quiet=False, priority=priority)
        return list(pigeons())

    return tell


def pigeons() -> list[NotificationLog]:
    return list(NotificationLog.objects.filter(notification_type="PIGEON").order_by("pk"))


def states() -> list[tuple[str, str]]:
    return [(row.status, row.error) for row in pigeons()]


def waits() -> list[int]:
    """For how many seconds what is put off still waits, in half minutes: the test itself takes its time, too."""
    now = timezone.now()
    until = [row.next_attempt_at for row in pigeons() if row.status == PENDING]
    return [round((one - now).total_seconds() / 30) * 30 for one in until if one]


def let_pass(time: timedelta) -> None:
    """Let so much time pass for what waits, and for every bucket."""
    for row in NotificationLog.objects.filter(status=PENDING):
        NotificationLog.objects.filter(pk=row.pk).update(next_attempt_at=row.next_attempt_at - time)  # type: ignore[operator]
    for bucket in Bucket.objects.all():
        Bucket.objects.filter(pk=bucket.pk).update(full_at=bucket.full_at - time)


# --- For one person ---------------------------------------------------------------------------------


def test_what_is_too_much_for_a_person_waits_in_line(raise_tickets: Raise, pigeon: Pigeon, settings: Settings) -> None:
    settings.RATE_PER_RECIPIENT = 2
    raise_tickets(3)
    drain("PIGEON")
    assert states() == [(SENT, ""), (SENT, ""), (PENDING, "rate_limited")]
    raise_tickets(2)
    drain("PIGEON")  # another batch lines up behind
    assert states()[2:] == [(PENDING, "rate_limited")] * 3
    assert waits() == [30, 60, 90]


def test_whose_turn_it_is_goes_although_others_have_come(raise_tickets: Raise, settings: Settings) -> None:
    settings.RATE_PER_RECIPIENT = 1
    raise_tickets(3)
    drain("PIGEON")
    let_pass(timedelta(seconds=61))
    raise_tickets(1)
    drain("PIGEON")
    assert states() == [(SENT, ""), (SENT, ""), (PENDING, "rate_limited"), (PENDING, "rate_limited")]
    assert waits() == [60, 120]


def test_after_an_outage_two_minutes_worth_goes_and_the_others_line_up_anew(
    raise_tickets: Raise, settings: Settings
) -> None:
    settings.RATE_PER_RECIPIENT = 1
    raise_tickets(5)
    drain("PIGEON")
    let_pass(timedelta(hours=1))
    drain("PIGEON")
    assert [status for status, _ in states()] == [SENT, SENT, SENT, PENDING, PENDING]
    assert waits() == [60, 120]


def test_who_is_always_late_gets_a_turn_all_the_same(raise_tickets: Raise, settings: Settings) -> None:
    """The channel lags: whoever is in line is claimed more than a minute after their turn, each time."""
    settings.RATE_PER_RECIPIENT = 2
    raise_tickets(8)
    drain("PIGEON")
    assert waits() == [30, 60, 90, 120, 150, 180]
    let_pass(timedelta(seconds=70))
    for left in (5, 4, 3, 2, 1, 0):
        let_pass(timedelta(seconds=30))
        late = timezone.now() - timedelta(seconds=65)
        not_yet = list(NotificationLog.objects.filter(status=PENDING, next_attempt_at__gt=late))
        NotificationLog.objects.filter(pk__in=[row.pk for row in not_yet]).update(notification_type="NOBODY")
        drain("PIGEON")
        NotificationLog.objects.filter(notification_type="NOBODY").update(notification_type="PIGEON")
        assert len(waits()) == left


def test_one_person_s_flood_leaves_the_others_alone(raise_tickets: Raise, pigeon: Pigeon, settings: Settings) -> None:
    settings.RATE_PER_RECIPIENT = 1
    raise_tickets(2)
    drain("PIGEON")
    other = User.objects.create_user("alan", "alan@example.com", role=Role.ADMIN)
    raise_tickets(1)
    drain("PIGEON")
    assert [message.recipient_id for message in pigeon.sent][1:] == [other.pk]


def test_what_is_critical_takes_its_share_and_never_waits(raise_tickets: Raise, settings: Settings) -> None:
    settings.RATE_PER_RECIPIENT = 1
    raise_tickets(1)
    drain("PIGEON")
    raise_tickets(2, priority=Priority.CRITICAL)
    drain("PIGEON")
    raise_tickets(1)
    drain("PIGEON")
    assert [status for status, _ in states()] == [SENT, SENT, SENT, PENDING]
    assert waits() == [180]


def test_a_letter_never_waits(ada: User, make_ticket: MakeTicket, mailbox: FakeSmtp, settings: Settings) -> None:
    settings.RATE_PER_RECIPIENT = 1
    make_ticket(quiet=False)
    drain("EMAIL")
    password_reset.request(email=ada.email, address="192.0.2.1")
    drain("EMAIL")
    assert len(mailbox.take_all(count=2)) == 2


def test_no_limit_asks_for_nothing(
    raise_tickets: Raise, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.RATE_PER_RECIPIENT = 0
    rows = raise_tickets(2)
    with django_assert_num_queries(0):
        assert pace.in_time(rows) == {}


# --- For a channel -----------------------------------------------------------------------------------


def test_what_is_too_much_for_a_channel_waits_in_line(raise_tickets: Raise, settings: Settings) -> None:
    settings.RATE_PER_CHANNEL = {"PIGEON": 1}
    raise_tickets(1)
    User.objects.create_user("alan", "alan@example.com", role=Role.ADMIN)
    raise_tickets(1)
    drain("PIGEON")
    assert states() == [(SENT, ""), (PENDING, "channel_rate_limited"), (PENDING, "channel_rate_limited")]
    let_pass(timedelta(seconds=60))
    drain("PIGEON")
    assert sorted(status for status, _ in states()) == [PENDING, SENT, SENT]


def test_who_waits_for_his_own_turn_takes_no_place_in_the_channel_s_line(
    raise_tickets: Raise, settings: Settings
) -> None:
    settings.RATE_PER_RECIPIENT, settings.RATE_PER_CHANNEL = 1, {"PIGEON": 2}
    raise_tickets(5)
    drain("PIGEON")
    channel = Bucket.objects.get(key="channel:PIGEON")
    assert channel.full_at - timezone.now() <= timedelta(seconds=30)
    let_pass(timedelta(seconds=60))
    drain("PIGEON")
    assert [status for status, _ in states()] == [SENT, SENT, PENDING, PENDING, PENDING]


# --- What is said together -----------------------------------------------------------------------------


def test_many_comments_on_a_ticket_are_told_once_a_minute(
    make_ticket: MakeTicket, dan: User, pigeon: Pigeon, settings: Settings
) -> None:
    settings.RATE_PER_RECIPIENT = 2
    ticket, other = make_ticket(Status.IN_PROGRESS), make_ticket(Status.IN_PROGRESS)
    for _ in range(3):
        comments.add_comment(actor=dan, ticket_id=ticket.pk, comment="Still looking.")
        drain("PIGEON")
    comments.add_comment(actor=dan, ticket_id=other.pk, comment="Another ticket.")
    drain("PIGEON")
    told = [row for row in pigeons() if row.event == "comment_added"]
    assert [(row.status, row.error) for row in told] == [
        (SENT, ""),
        (PENDING, "merging"),
        (PENDING, "merging"),
        (SENT, ""),
    ]
    assert waits() == [60, 60]


def test_a_comment_that_is_tried_again_does_not_wait_for_another_minute(
    make_ticket: MakeTicket, dan: User, pigeon: Pigeon
) -> None:
    ticket = make_ticket(Status.IN_PROGRESS)
    comments.add_comment(actor=dan, ticket_id=ticket.pk, comment="Still looking.")
    pigeon.plans.append(Transient("storm"))
    drain("PIGEON")
    make_due()
    drain("PIGEON")
    assert len(pigeon.sent) == 2


def test_what_a_crash_has_cut_off_does_not_ask_again(raise_tickets: Raise, pigeon: Pigeon, settings: Settings) -> None:
    settings.RATE_PER_RECIPIENT = 1
    (row,) = raise_tickets(1)
    pigeon.plans.append(sys.exit)
    with pytest.raises(SystemExit):
        drain("PIGEON")
    NotificationLog.objects.filter(pk=row.pk).update(lease_until=timezone.now())
    drain("PIGEON")
    assert states() == [(SENT, "")]


# --- All at the same time -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_claimers_at_the_same_time_do_not_spend_more_than_there_is(raise_tickets: Raise, settings: Settings) -> None:
    settings.RATE_PER_RECIPIENT, settings.RATE_PER_CHANNEL = 20, {"PIGEON": 30}
    (row,) = raise_tickets(1)
    late: list[int] = []

    def take() -> None:
        many = [NotificationLog(pk=pk, recipient=row.recipient, notification_type="PIGEON") for pk in range(15)]
        late.append(len(pace.in_time(many)))

    began = time.monotonic()
    at_once(*[take] * 4)
    came_in = 1 + (time.monotonic() - began) // 3
    assert 60 - 20 - came_in <= sum(late) <= 60 - 20 + 1  # a token may be full in the eyes of one, not yet of another
    ahead = Bucket.objects.get(key=f"recipient:{row.recipient_id}:PIGEON").full_at - timezone.now()
    assert ahead == pytest.approx(timedelta(seconds=60 * 3), abs=timedelta(seconds=10))


def test_a_batch_takes_two_statements(
    raise_tickets: Raise, settings: Settings, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    settings.RATE_PER_CHANNEL = {"PIGEON": 100}
    rows = raise_tickets(5)
    for _ in range(2):
        with django_assert_max_num_queries(2 + 2):  # savepoints, as this is a transaction already
            assert pace.in_time(rows) == {}


def test_what_is_given_back_keeps_its_place(raise_tickets: Raise, settings: Settings) -> None:
    settings.RATE_PER_RECIPIENT = 1
    raise_tickets(2)
    drain("PIGEON")
    make_due()
    taken = claim("PIGEON")
    give_back(taken.token, taken.rows)
    drain("PIGEON")
    assert states() == [(SENT, ""), (SENT, "")]


def test_full_buckets_are_tidied_away(raise_tickets: Raise, settings: Settings) -> None:
    settings.RATE_PER_CHANNEL = {"PIGEON": 1}
    raise_tickets(1)
    drain("PIGEON")
    pace.tidy(timezone.now() + timedelta(seconds=1))
    assert [bucket.key for bucket in Bucket.objects.all()] == ["channel:PIGEON"]
    pace.tidy(timezone.now() + timedelta(minutes=1))
    assert not Bucket.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_the_inbox_is_changing_just_now_is_put_off_all_the_same(
    raise_tickets: Raise, ada: User, settings: Settings
) -> None:
    settings.RATE_PER_RECIPIENT = 1
    rows = raise_tickets(10)

    def read() -> None:
        for _ in range(5):
            inbox.mark_read(user=ada, ids=[row.pk for row in rows])
            for row in rows:
                inbox.mark_unread(user=ada, notification_id=row.pk)

    at_once(read, lambda: drain("PIGEON"), lambda: drain("PIGEON"))
    drain("PIGEON")  # what was held just then whenever one of them claimed
    assert sorted(states()) == [(PENDING, "rate_limited")] * 9 + [(SENT, "")]
