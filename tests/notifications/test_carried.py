"""What is said in the message of another delivery ends as that one ends."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from core.models import Bucket, DeliveryStatus, NotificationLog, Ticket, User
from core.notifications import bundles, carried
from core.notifications.channel import Permanent, Transient, Unknown
from core.notifications.claims import claim
from core.notifications.deliver import drain
from tests.conftest import MakeTicket
from tests.fakes.twilio import FakeTwilio
from tests.notifications.chatter import ends, later, rows_of, said, say
from tests.notifications.support import PENDING, SENDING, SENT, Pigeon, end_leases

CANCELLED, DELIVERED, FAILED = DeliveryStatus.CANCELLED, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED
UNKNOWN = DeliveryStatus.UNKNOWN


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


def test_while_it_is_tried_again_each_of_them_waits_for_its_fallback(
    ticket: Ticket, cleo: User, dan: User, whatsapp: FakeTwilio
) -> None:
    whatsapp.fail(503)
    say(ticket, dan, 3)
    drain("WHATSAPP")
    [at] = set(rows_of(cleo, "WHATSAPP").values_list("fallback_at", flat=True))
    assert at > timezone.now()
    assert ends(cleo, "WHATSAPP") == {(PENDING, "503"): 1, (PENDING, "carried"): 2}


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
        (SENT, [3, 2], {(SENT, ""): 3}),  # a worker of the release before has sent it alone
        (CANCELLED, [3, 2], {(CANCELLED, ""): 1, (SENT, ""): 2}),
    ],
)
def test_they_come_back_by_themselves_and_go_if_their_carrier_has_ended_without_them(
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


def test_a_process_that_dies_while_it_gathers_loses_nothing(
    ticket: Ticket, cleo: User, dan: User, pigeon: Pigeon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise SystemExit

    say(ticket, dan, 60)  # more than are claimed at once
    with monkeypatch.context() as patch:
        patch.setattr(bundles, "attach", die)
        with pytest.raises(SystemExit):
            drain("PIGEON")
    assert pigeon.sent == []
    end_leases()
    for _ in range(2):
        later()
        drain("PIGEON")
    assert said(pigeon) == [50, 10]  # as many as are claimed, and the others a minute later
    assert ends(cleo) == {(SENT, ""): 60}


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


def test_what_only_another_release_knows_goes_by_itself(
    ticket: Ticket, cleo: User, dan: User, pigeon: Pigeon, make_ticket: MakeTicket
) -> None:
    pigeon.plans.append(Transient("storm"))
    say(ticket, dan, 3)
    drain("PIGEON")
    NotificationLog.objects.filter(pk=rows_of(cleo)[1].pk).update(event="from_the_next_release")
    make_ticket(quiet=False)  # another row of the same batch
    later()
    drain("PIGEON")
    assert sorted(said(pigeon)) == [1, 2, 3]
    foreign = NotificationLog.objects.get(event="from_the_next_release", notification_type="PIGEON")
    assert (foreign.status, foreign.error, foreign.carried_by) == (PENDING, "unknown_event", None)
    assert ends(cleo) == {(SENT, ""): 2}


def test_what_cannot_be_gathered_holds_nothing_else_up(
    ticket: Ticket,
    cleo: User,
    dan: User,
    ada: User,
    pigeon: Pigeon,
    make_ticket: MakeTicket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("lock timeout")

    say(ticket, dan, 3)
    make_ticket(quiet=False)
    with monkeypatch.context() as patch:
        patch.setattr(bundles, "claim_also", fail)
        drain("PIGEON")
    assert [message.recipient_id for message in pigeon.sent] == [ada.pk]
    end_leases()
    later()
    drain("PIGEON")
    assert said(pigeon) == [1, 3]
    assert ends(cleo) == {(SENT, ""): 3}


def test_one_that_is_looked_at_by_itself_just_now_is_dropped_all_the_same(
    ticket: Ticket, cleo: User, dan: User, pigeon: Pigeon
) -> None:
    pigeon.plans.append(Transient("storm"))
    say(ticket, dan, 3)
    drain("PIGEON")
    crew = rows_of(cleo)[1]
    NotificationLog.objects.filter(pk=crew.pk).update(is_internal=True, next_attempt_at=timezone.now())
    assert [row.pk for row in claim("PIGEON").rows] == [crew.pk]
    later()
    drain("PIGEON")
    assert said(pigeon) == [3, 2]
    assert ends(cleo) == {(SENT, ""): 2, (CANCELLED, "ticket_out_of_sight"): 1}
