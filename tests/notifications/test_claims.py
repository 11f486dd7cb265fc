"""Claims: each due row has one sender at a time, and none is forgotten when a sender dies."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from core.models import ChannelCircuit, DeliveryAttempt, DeliveryStatus, NotificationLog, Role, Ticket, User
from core.notifications.channel import Permanent
from core.notifications.claims import BATCH, LEASE, NEEDED, Claim, channels_with_work, claim, give_back, keep, renew
from core.notifications.deliver import drain, send_one
from core.notifications.outcomes import follow
from core.notifications.second_look import SecondLook
from core.notifications.verdict import cancelled
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import PENDING, SENDING, SENT, Pigeon, at_once, end_leases, row_of

in_real_transactions = pytest.mark.django_db(transaction=True)


@pytest.fixture
def many(make_ticket: MakeTicket, cleo: User, pigeon: Pigeon) -> list[int]:
    """Sixty admins are told: more than one batch on each channel."""
    for number in range(60):
        User.objects.create_user(f"admin{number}", f"admin{number}@example.com", role=Role.ADMIN)
    make_ticket(quiet=False)
    rows = NotificationLog.objects.filter(notification_type="PIGEON").exclude(recipient__username="ada")
    return list(rows.order_by("pk").values_list("pk", flat=True))


def die_while_sending(channel: str) -> NotificationLog:
    """A process claims, begins to send and is killed; then its lease ends. Return its row."""
    taken = claim(channel)
    (row,) = taken.rows
    DeliveryAttempt.objects.create(delivery=row, token=taken.token, started_at=timezone.now())
    end_leases()
    return row


# --- Taking ---------------------------------------------------------------------------------------


def test_a_claim_takes_what_is_due_for_the_length_of_a_lease(told: Ticket, ada: User) -> None:
    before = timezone.now()
    taken = claim("EMAIL")
    (row,) = taken.rows
    assert row == row_of(ada, "EMAIL")
    assert (row.status, row.attempt_token) == (SENDING, taken.token)
    assert row.lease_until is not None
    assert LEASE <= row.lease_until - before <= LEASE + timedelta(seconds=5)
    assert row_of(ada, "WHATSAPP").status == PENDING
    assert claim("EMAIL").rows == []


def test_what_is_not_due_yet_is_left(told: Ticket) -> None:
    NotificationLog.objects.filter(status=PENDING).update(next_attempt_at=timezone.now() + timedelta(minutes=1))
    assert claim("EMAIL").rows == []
    assert channels_with_work(["EMAIL", "WHATSAPP"]) == []


def test_a_claim_takes_a_batch_of_those_that_wait_longest(many: list[int]) -> None:
    now = timezone.now()
    for age, pk in enumerate(many):
        NotificationLog.objects.filter(pk=pk).update(next_attempt_at=now - timedelta(minutes=age + 1))
    assert [row.pk for row in claim("PIGEON").rows] == many[::-1][:BATCH]


def test_a_channel_that_rests_has_no_work(told: Ticket) -> None:
    circuit = ChannelCircuit.objects.create(
        channel="EMAIL", code="535", open_until=timezone.now() + timedelta(minutes=1)
    )
    assert channels_with_work(["EMAIL", "WHATSAPP"]) == ["WHATSAPP"]
    circuit.open_until = timezone.now()
    circuit.save()
    assert channels_with_work(["EMAIL", "WHATSAPP"]) == ["EMAIL", "WHATSAPP"]


@in_real_transactions
def test_whoever_drains_at_the_same_time_each_row_is_sent_once(many: list[int], pigeon: Pigeon) -> None:
    at_once(*[lambda: drain("PIGEON")] * 3)
    assert sorted(message.delivery_id for message in pigeon.sent if message.delivery_id in many) == many
    rows = NotificationLog.objects.filter(notification_type="PIGEON")
    assert len(pigeon.sent) == rows.count() == DeliveryAttempt.objects.count()
    assert set(rows.values_list("status", "attempts")) == {(SENT, 1)}


@in_real_transactions
def test_drains_at_the_same_time_send_each_mail_once(many: list[int], mailbox: FakeSmtp) -> None:
    at_once(*[lambda: drain("EMAIL")] * 3)
    mails = mailbox.take_all(count=61)
    assert len({mail.to for mail in mails}) == len(mails) == 61


@in_real_transactions
def test_claims_made_at_the_same_time_share_no_row(many: list[int]) -> None:
    claims: list[Claim] = []
    at_once(*[lambda: claims.append(claim("PIGEON"))] * 4)
    taken = [row.pk for one in claims for row in one.rows]
    assert len(taken) == len(set(taken)) >= BATCH


# --- Keeping and giving back ------------------------------------------------------------------------


def test_renewing_extends_the_lease(told: Ticket, ada: User) -> None:
    taken = claim("EMAIL")
    end_leases()
    assert renew(taken.token, taken.rows[0])
    assert claim("EMAIL").rows == []


def test_a_row_whose_lease_has_ended_is_taken_again_and_lost_to_its_first_holder(told: Ticket) -> None:
    first = claim("EMAIL")
    end_leases()
    second = claim("EMAIL")
    assert second.rows == first.rows
    assert not renew(first.token, first.rows[0])
    give_back(first.token, first.rows)
    follow(first.rows[0], cancelled("not yours"))
    assert renew(second.token, second.rows[0])


def test_renewing_says_whether_the_row_is_still_held(many: list[int]) -> None:
    taken = claim("PIGEON")
    lost = NotificationLog.objects.filter(pk=taken.rows[-1].pk)
    lost.update(attempt_token=uuid.uuid4())
    assert renew(taken.token, taken.rows[0])
    assert not renew(taken.token, taken.rows[-1])


def test_a_lease_that_lasts_for_a_send_is_not_renewed(
    told: Ticket, ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    taken = claim("EMAIL")
    (row,) = taken.rows
    with django_assert_num_queries(0):
        assert keep(taken.token, row)
    row.lease_until = timezone.now() + NEEDED
    NotificationLog.objects.filter(pk=row.pk).update(lease_until=row.lease_until)
    assert keep(taken.token, row)
    assert NotificationLog.objects.filter(pk=row.pk, lease_until__gt=row.lease_until).exists()


def test_what_somebody_else_has_by_now_is_not_begun(told: Ticket, pigeon: Pigeon) -> None:
    first = claim("PIGEON")
    end_leases()
    claim("PIGEON")
    send_one(pigeon, first, first.rows[0], SecondLook.at(first))
    assert (pigeon.sent, DeliveryAttempt.objects.count()) == ([], 0)


def test_a_mail_takes_few_statements(
    many: list[int], mailbox: FakeSmtp, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    batches = -(-61 // BATCH)
    one = 1 if connection.vendor == "postgresql" else 5  # SQLite's are counted one by one
    with django_assert_max_num_queries(61 * one + (batches + 1) * 16):
        drain("EMAIL")
    mailbox.take_all(count=61)


def test_what_is_given_back_is_due_as_it_was(told: Ticket, ada: User) -> None:
    due = row_of(ada, "EMAIL").next_attempt_at
    taken = claim("EMAIL")
    give_back(taken.token, taken.rows)
    row = row_of(ada, "EMAIL")
    assert (row.status, row.next_attempt_at, row.lease_until, row.attempt_token) == (PENDING, due, None, None)
    assert claim("EMAIL").rows == [row]


@pytest.mark.parametrize("place", [1, 10], ids=["the next", "a later one"])
def test_rows_lost_meanwhile_are_passed_over(place: int, many: list[int], pigeon: Pigeon) -> None:
    lost = claim("PIGEON").rows[place].pk
    end_leases()
    taken_over = NotificationLog.objects.filter(pk=lost)

    def others_take_one() -> str:
        taken_over.update(attempt_token=uuid.uuid4())
        return "flight"

    pigeon.plans.append(others_take_one)
    drain("PIGEON")
    assert lost not in {message.delivery_id for message in pigeon.sent}
    assert taken_over.get().status == SENDING
    assert DeliveryAttempt.objects.filter(outcome=SENT).count() == DeliveryAttempt.objects.count() == 60


# --- Results that come after the lease --------------------------------------------------------------


def test_a_late_success_settles_the_row_and_it_is_not_sent_again(told: Ticket, ada: User, pigeon: Pigeon) -> None:
    def lease_ends_and_others_take_it() -> str:
        end_leases()
        claim("PIGEON")
        return "late"

    pigeon.plans.append(lease_ends_and_others_take_it)
    drain("PIGEON")
    row = row_of(ada, "PIGEON")
    assert (row.status, row.provider_id, row.attempt_token) == (SENT, "late", None)
    end_leases()
    drain("PIGEON")
    assert len(pigeon.sent) == 1


@pytest.mark.parametrize("status", [DeliveryStatus.UNKNOWN, DeliveryStatus.FAILED])
def test_a_late_success_settles_what_had_been_given_up(
    status: DeliveryStatus, told: Ticket, ada: User, pigeon: Pigeon
) -> None:
    def others_give_it_up() -> str:
        NotificationLog.objects.filter(notification_type="PIGEON").update(
            status=status, next_attempt_at=None, lease_until=None, attempt_token=None
        )
        return "late"

    pigeon.plans.append(others_give_it_up)
    drain("PIGEON")
    assert row_of(ada, "PIGEON").status == SENT


def test_a_late_failure_changes_only_its_attempt(told: Ticket, ada: User, pigeon: Pigeon) -> None:
    others: list[Claim] = []

    def lease_ends_and_others_take_it() -> str:
        end_leases()
        others.append(claim("PIGEON"))
        raise Permanent("no_such_loft")

    pigeon.plans.append(lease_ends_and_others_take_it)
    drain("PIGEON")
    row = row_of(ada, "PIGEON")
    assert (row.status, row.attempt_token, row.error, row.attempts) == (SENDING, others[0].token, "", 0)
    attempt = row.delivery_attempts.get()
    assert (attempt.outcome, attempt.code) == ("PERMANENT", "no_such_loft")


def test_a_lease_that_ends_while_it_is_looked_up_sends_nothing(told: Ticket, ada: User, pigeon: Pigeon) -> None:
    def others_take_it() -> None:
        end_leases()
        claim("PIGEON")

    die_while_sending("PIGEON")
    taken, pigeon.found = claim("PIGEON"), others_take_it
    send_one(pigeon, taken, taken.rows[0], SecondLook.at(taken))
    assert (len(pigeon.looked_up), pigeon.sent) == (1, [])
    last = DeliveryAttempt.objects.latest("pk")
    assert (last.outcome, last.code) == ("AMBIGUOUS", "lease_lost")
    assert row_of(ada, "PIGEON").status == SENDING


# --- Killed ------------------------------------------------------------------------------------------


def test_after_a_kill_between_claim_and_attempt_it_is_just_sent(told: Ticket, ada: User, whatsapp: FakeTwilio) -> None:
    claim("WHATSAPP")
    end_leases()
    drain("WHATSAPP")
    assert row_of(ada, "WHATSAPP").provider_id == whatsapp.take(str(ada.phone_number)).sid
    assert [method for method, _ in whatsapp.requests] == ["POST"]


@pytest.mark.parametrize("arrived", [True, False])
def test_after_a_kill_whatsapp_is_looked_up_before_it_is_sent(
    arrived: bool, told: Ticket, ada: User, whatsapp: FakeTwilio
) -> None:
    row = die_while_sending("WHATSAPP")
    if arrived:
        form = {"To": f"whatsapp:{ada.phone_number}", "From": f"whatsapp:{whatsapp.sender}"}
        whatsapp.accept(form, f"Look: http://testserver/n/{row.link_key}/")
    drain("WHATSAPP")
    row = row_of(ada, "WHATSAPP")
    assert (row.status, row.provider_id) == (SENT, whatsapp.take(str(ada.phone_number)).sid)
    assert [method for method, _ in whatsapp.requests] == ["GET"] + ["POST"] * (not arrived)
    assert list(row.delivery_attempts.values_list("outcome", flat=True)) == ["", "SENT"]


def test_after_a_kill_a_mail_goes_again_with_the_same_message_id(told: Ticket, ada: User, mailbox: FakeSmtp) -> None:
    row = die_while_sending("EMAIL")
    drain("EMAIL")
    assert row_of(ada, "EMAIL").status == SENT
    assert (
        mailbox.take(ada.email).message["Message-ID"]
        == f"<delivery-{row.pk}.{row.created_at:%Y%m%d%H%M%S}@example.com>"
    )


def test_a_row_that_kills_whoever_sends_it_is_given_up(told: Ticket, ada: User, pigeon: Pigeon) -> None:
    for _ in range(9):
        die_while_sending("PIGEON")
    drain("PIGEON")
    row = row_of(ada, "PIGEON")
    assert (row.status, row.error, pigeon.sent) == (DeliveryStatus.UNKNOWN, "crashed", [])
