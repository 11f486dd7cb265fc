"""Digests, and what happens often on one resource: one message for many, and every one of them ends as it ends."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actions import inbox, tickets
from core.models import Bucket, DeliveryStatus, NotificationLog, Preference, Priority, Role, Status, Ticket, User
from core.notifications import bundles, carried
from core.notifications.channel import Permanent, Transient, Unknown
from core.notifications.claims import claim
from core.notifications.deliver import drain
from core.notifications.dispatch import announce
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.notifications.support import PENDING, SENDING, SENT, Pigeon, at_once, change_of, end_leases
from tests.tickets import newcomers

CANCELLED, DELIVERED, FAILED = DeliveryStatus.CANCELLED, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED
UNKNOWN = DeliveryStatus.UNKNOWN


@pytest.fixture
def ticket(pigeon: Pigeon, make_ticket: MakeTicket) -> Ticket:
    """Cleo's, with Dan on it; nobody has anything to hear of it any more."""
    return make_ticket(Status.IN_PROGRESS)


def say(ticket: Ticket, actor: User, many: int = 1) -> None:
    """Comments on a ticket, of which its creator hears, in one transaction."""
    with transaction.atomic():
        last = NotificationLog.objects.count()
        team = {"assignee_ids": list(ticket.assignments.values_list("user_id", flat=True))}
        announce(*(change_of(ticket, "comment_added", actor=actor, key=f"{last + n}", **team) for n in range(many)))


def rows_of(user: User, channel: str = "PIGEON", event: str = "comment_added") -> Any:
    return NotificationLog.objects.filter(recipient=user, notification_type=channel, event=event).order_by("pk")


def ends(user: User, channel: str = "PIGEON") -> Counter[tuple[str, str]]:
    return Counter(rows_of(user, channel).values_list("status", "error"))


def later(channel: str = "PIGEON") -> None:
    """A minute or a day goes by: every token is there again, and what was put off is due; not what is carried."""
    Bucket.objects.all().delete()
    waiting = NotificationLog.objects.filter(notification_type=channel, status=PENDING, carried_by=None)
    waiting.update(next_attempt_at=timezone.now())


def said(pigeon: Pigeon) -> list[int]:
    """Of how many notifications each message was."""
    return [len(message.lines) or 1 for message in pigeon.sent]


# --- What happens often -------------------------------------------------------------------------


def test_a_thousand_comments_in_a_minute_are_a_handful_of_messages(
    ticket: Ticket, cleo: User, dan: User, pigeon: Pigeon
) -> None:
    for _ in range(4):
        say(ticket, dan, 250)
        drain("PIGEON")
    while rows_of(cleo).filter(status=PENDING, carried_by=None):
        later()
        drain("PIGEON")
    assert len(pigeon.sent) <= 4
    assert sum(said(pigeon)) == 1_000
    assert ends(cleo) == {(SENT, ""): 1_000}


def test_the_first_goes_at_once_and_the_others_together_in_the_events_own_words(
    ticket: Ticket, cleo: User, dan: User, pigeon: Pigeon
) -> None:
    User.objects.filter(pk=cleo.pk).update(locale="de-AT")
    say(ticket, dan)
    drain("PIGEON")
    say(ticket, dan, 3)
    drain("PIGEON")
    assert said(pigeon) == [1]
    assert ends(cleo) == {(SENT, ""): 1, (PENDING, "merging"): 3}
    later()
    drain("PIGEON")
    first, together = pigeon.sent
    assert first.lines == ()
    assert together.subject == f"{ticket.number} 3 neue Kommentare: {ticket.title}"
    assert together.text == f"3 neue Kommentare zum Ticket: {ticket.title}"
    assert (together.number, together.resource) == (ticket.number, f"ticket-{ticket.pk}")
    rows = list(rows_of(cleo))
    carrier = next(row for row in rows if row.pk == together.delivery_id)
    assert [line.link.split("/")[-2] for line in together.lines] == [row.link_key for row in rows[1:]]
    assert together.link.split("/")[-2] == carrier.link_key
    assert [line.text for line in together.lines] == [row.message for row in rows[1:]]
    assert {row.provider_id for row in rows[1:]} == {f"flight-{carrier.pk}"}
    assert {row.carried_by_id for row in rows[1:] if row != carrier} == {carrier.pk}


def test_of_each_ticket_and_person_for_itself(
    ticket: Ticket, make_ticket: MakeTicket, cleo: User, dan: User, ada: User, pigeon: Pigeon
) -> None:
    other = make_ticket(Status.IN_PROGRESS)
    for one in (ticket, other):
        say(one, ada, 3)  # Cleo and Dan hear of them
    drain("PIGEON")
    told = Counter((message.recipient_id, message.resource, len(message.lines)) for message in pigeon.sent)
    # Claimed together, none of them waits.
    assert told == Counter((user.pk, f"ticket-{one.pk}", 3) for user in (cleo, dan) for one in (ticket, other))


def test_what_waits_is_looked_at_like_everything_else(ticket: Ticket, cleo: User, dan: User, pigeon: Pigeon) -> None:
    say(ticket, dan, 4)
    hidden = rows_of(cleo)[2]
    NotificationLog.objects.filter(pk=hidden.pk).update(is_internal=True)
    drain("PIGEON")
    assert said(pigeon) == [3]
    assert ends(cleo) == {(SENT, ""): 3, (CANCELLED, "ticket_out_of_sight"): 1}


# --- Ends ---------------------------------------------------------------------------------------


def test_a_carrier_that_is_tried_again_says_the_same_and_nothing_more(
    ticket: Ticket, cleo: User, dan: User, pigeon: Pigeon
) -> None:
    pigeon.plans.append(Transient("storm"))
    say(ticket, dan, 3)
    drain("PIGEON")
    assert ends(cleo) == {(PENDING, "storm"): 1, (PENDING, "carried"): 2}
    away = rows_of(cleo)[1].next_attempt_at - timezone.now()
    assert timedelta(hours=24) < away <= timedelta(hours=25)
    say(ticket, dan)
    later()
    drain("PIGEON")
    assert sorted(said(pigeon)) == [1, 3, 3]
    assert ends(cleo) == {(SENT, ""): 4}


@pytest.mark.parametrize(
    ("error", "end"), [(Permanent("cat"), (FAILED, "cat")), (Unknown("fog"), (UNKNOWN, "fog"))], ids=["failed", "lost"]
)
def test_they_end_as_their_carrier_ends(
    ticket: Ticket, cleo: User, dan: User, pigeon: Pigeon, error: Exception, end: tuple[str, str]
) -> None:
    pigeon.plans.append(error)
    say(ticket, dan, 3)
    drain("PIGEON")
    assert ends(cleo) == {end: 3}
    assert not rows_of(cleo).filter(next_attempt_at__isnull=False)


def test_what_is_reported_later_is_of_all_of_them(ticket: Ticket, cleo: User, dan: User, pigeon: Pigeon) -> None:
    say(ticket, dan, 3)
    drain("PIGEON")
    carrier, now = rows_of(cleo)[0], timezone.now()
    NotificationLog.objects.filter(pk=carrier.pk).update(status=DELIVERED, delivered_at=now)
    carried.settle(carrier.pk)
    assert Counter(rows_of(cleo).values_list("status", "delivered_at")) == {(DELIVERED, now): 3}
    carried.settle(rows_of(cleo)[1].pk)  # carries nothing


def test_a_carrier_that_is_not_sent_lets_them_go(ticket: Ticket, cleo: User, dan: User, pigeon: Pigeon) -> None:
    pigeon.plans.append(Transient("storm"))
    say(ticket, dan, 3)
    drain("PIGEON")
    NotificationLog.objects.filter(pk=rows_of(cleo)[0].pk).update(is_internal=True)
    later()
    drain("PIGEON")  # which drops it
    drain("PIGEON")
    assert said(pigeon) == [3, 2]
    assert ends(cleo) == {(SENT, ""): 2, (CANCELLED, "ticket_out_of_sight"): 1}


def test_what_nobody_may_hear_any_more_is_left_out_when_it_is_tried_again(
    ticket: Ticket, cleo: User, dan: User, pigeon: Pigeon
) -> None:
    pigeon.plans.append(Transient("storm"))
    say(ticket, dan, 3)
    drain("PIGEON")
    NotificationLog.objects.filter(pk=rows_of(cleo)[1].pk).update(is_internal=True)
    later()
    drain("PIGEON")
    assert said(pigeon) == [3, 2]
    assert ends(cleo) == {(SENT, ""): 2, (CANCELLED, "ticket_out_of_sight"): 1}


def test_a_carrier_whose_sender_died_is_sent_with_all_of_them(
    ticket: Ticket, cleo: User, dan: User, pigeon: Pigeon
) -> None:
    def die() -> str:
        raise SystemExit

    pigeon.plans.append(die)
    say(ticket, dan, 3)
    with pytest.raises(SystemExit):
        drain("PIGEON")
    assert ends(cleo) == {(SENDING, ""): 1, (PENDING, "carried"): 2}
    end_leases()
    drain("PIGEON")
    assert said(pigeon) == [3, 3]
    assert ends(cleo) == {(SENT, ""): 3}


@pytest.mark.parametrize(
    ("status", "messages", "end"),
    [
        (PENDING, [3], {(PENDING, "storm"): 1, (PENDING, "carried"): 2}),
        (SENT, [3], {(SENT, ""): 3}),
        (CANCELLED, [3, 2], {(CANCELLED, ""): 1, (SENT, ""): 2}),
    ],
)
def test_they_come_back_by_themselves_and_see_what_has_become_of_it(
    ticket: Ticket,
    cleo: User,
    dan: User,
    pigeon: Pigeon,
    status: str,
    messages: list[int],
    end: dict[tuple[str, str], int],
) -> None:
    pigeon.plans.append(Transient("storm"))
    say(ticket, dan, 3)
    drain("PIGEON")
    if status != PENDING:
        NotificationLog.objects.filter(pk=rows_of(cleo)[0].pk).update(status=status, error="", next_attempt_at=None)
    Bucket.objects.all().delete()
    rows_of(cleo).filter(carried_by__isnull=False).update(next_attempt_at=timezone.now())
    drain("PIGEON")
    assert said(pigeon) == messages
    assert ends(cleo) == end


# --- Digests ------------------------------------------------------------------------------------


def test_a_digest_is_one_mail_of_everything_that_waits(
    make_ticket: MakeTicket, cleo: User, dan: User, ada: User, mailbox: FakeSmtp
) -> None:
    Preference.objects.create(user=cleo, digest="hourly")
    User.objects.filter(pk=cleo.pk).update(locale="es")
    first, second = make_ticket(quiet=False), make_ticket(Status.IN_PROGRESS, quiet=False)
    tickets.open_ticket(actor=ada, ticket_id=first.pk)
    urgent = make_ticket(quiet=False, priority=Priority.CRITICAL)
    tickets.open_ticket(actor=ada, ticket_id=urgent.pk)
    NotificationLog.objects.exclude(recipient=cleo).filter(status=PENDING).update(
        status=CANCELLED, next_attempt_at=None
    )
    drain("EMAIL")
    assert urgent.number in str(mailbox.take(cleo.email).message["Subject"])  # by itself, and at once
    waiting = NotificationLog.objects.filter(recipient=cleo, notification_type="EMAIL", status=PENDING)
    assert set(waiting.values_list("error", flat=True)) == {"digest"}
    assert waiting.count() == 3
    waiting.update(created_at=timezone.now() - timedelta(hours=1))
    NotificationLog.objects.filter(pk=waiting.order_by("pk")[0].pk).update(next_attempt_at=timezone.now())
    drain("EMAIL")
    mail = mailbox.take(cleo.email)
    assert mail.message["Subject"] == f"3 notificaciones: {second.number} y más"
    for row in NotificationLog.objects.filter(recipient=cleo, notification_type="EMAIL").exclude(ticket=urgent):
        assert row.message in mail.text
        assert (row.status, row.error) == (SENT, "")
    assert mail.message["References"].startswith(f"<digest-{cleo.pk}@")


def test_what_was_read_meanwhile_is_not_in_it(make_ticket: MakeTicket, ada: User, mailbox: FakeSmtp) -> None:
    Preference.objects.create(user=ada, digest="hourly")
    for _ in range(3):
        make_ticket(quiet=False)
    mails = rows_of(ada, "EMAIL", "ticket_created")
    mails.update(created_at=timezone.now() - timedelta(hours=1))
    inbox.mark_read(user=ada, ids=[mails[1].pk])
    drain("EMAIL")
    mailbox.take(ada.email)
    assert list(mails.values_list("status", "error")) == [(SENT, ""), (CANCELLED, "read"), (SENT, "")]


def test_the_digests_of_many_take_as_many_queries_to_gather_as_that_of_one(
    make_ticket: MakeTicket, ada: User, mailbox: FakeSmtp
) -> None:
    admins = [ada, *newcomers(Role.ADMIN, 9, name="admin")]
    Preference.objects.bulk_create(Preference(user=user, digest="hourly") for user in admins)
    make_ticket(quiet=False)
    mails = NotificationLog.objects.filter(notification_type="EMAIL", event="ticket_created")
    mails.update(created_at=timezone.now() - timedelta(hours=1))
    mails.exclude(recipient=ada).update(next_attempt_at=timezone.now() + timedelta(hours=1))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            drain("EMAIL")
        # Every mail has its statements; those are counted elsewhere.
        return sum("waiting" in query["sql"] or "carried_by" in query["sql"] for query in captured)

    few = queries()
    later("EMAIL")
    assert queries() <= few + 2
    assert len(mailbox.take_all()) == 10


# --- All at once --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_senders_and_a_reader_lose_and_repeat_nothing(
    ticket: Ticket, make_ticket: MakeTicket, cleo: User, dan: User, pigeon: Pigeon
) -> None:
    others = [make_ticket(Status.IN_PROGRESS) for _ in range(2)]
    for one in (ticket, *others):
        say(one, dan, 60)
    ids = list(rows_of(cleo, "SYSTEM").values_list("pk", flat=True))

    def send() -> None:
        for _ in range(4):
            drain("PIGEON")
            later()

    def read() -> None:
        for _ in range(4):
            inbox.mark_read(user=cleo, ids=ids)
            inbox.mark_all_read(user=cleo, ticket_id=ticket.pk)
            inbox.mark_unread(user=cleo, notification_id=ids[0])

    at_once(send, send, send, read)
    for _ in range(9):
        later()
        drain("PIGEON")
    assert ends(cleo) == {(SENT, ""): 180}
    told = Counter(link for message in pigeon.sent for link in [line.link for line in message.lines] or [message.link])
    assert len(told) == 180
    assert set(told.values()) == {1}


def test_a_crew_whose_carrier_somebody_else_has_goes_back(ticket: Ticket, cleo: User, dan: User) -> None:
    """The process stood still for longer than its lease, between looking and gathering."""
    say(ticket, dan, 3)
    mine = claim("PIGEON")
    carrier, *crew = mine.rows
    end_leases()
    others = claim("PIGEON", most=1)
    assert others.rows == [carrier]
    bundles.attach(mine.token, {carrier.pk: carrier}, {carrier.pk: crew})
    assert ends(cleo) == {(SENDING, ""): 1, (PENDING, ""): 2}
    assert not rows_of(cleo).filter(carried_by__isnull=False)
