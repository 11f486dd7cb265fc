"""What happens often on one resource is said in one message."""

from collections import Counter

import pytest

from core.actions import deliveries, delivery_reports, inbox
from core.models import DeliveryStatus, NotificationLog, Status, Ticket, User
from core.notifications.channel import Transient
from core.notifications.deliver import drain
from tests.conftest import MakeTicket
from tests.notifications.chatter import ends, later, rows_of, said, say
from tests.notifications.support import PENDING, SENT, Pigeon, at_once

CANCELLED = DeliveryStatus.CANCELLED


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


def test_what_failed_after_it_was_sent_takes_nothing_along_when_it_is_retried(
    ticket: Ticket, cleo: User, dan: User, ada: User, pigeon: Pigeon
) -> None:
    """The first attempt may arrive after all: that must not count for what was not in it."""
    say(ticket, dan)
    drain("PIGEON")
    row = rows_of(cleo)[0]
    first = row.delivery_attempts.get()

    def report(said: str) -> None:
        delivery_reports.report(delivery_id=row.pk, attempt_id=first.pk, sid="SM1", said=said, code="", to="x")

    report("undelivered")
    deliveries.retry(actor=ada, delivery_id=row.pk)
    say(ticket, dan, 2)
    later()
    pigeon.plans.append(Transient("storm"))
    drain("PIGEON")
    report("delivered")
    assert not rows_of(cleo).filter(carried_by=row).exists()
    assert ends(cleo) == {(DeliveryStatus.DELIVERED, ""): 1, (PENDING, "merging"): 2}
