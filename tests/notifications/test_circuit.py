"""Circuits: a channel that cannot work rests, and one message finds out whether it can again."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import ChannelCircuit, DeliveryAttempt, NotificationLog, Ticket
from core.notifications import circuit, queue
from core.notifications.channel import Ambiguous, DeliveryError, Misconfigured, Permanent, Transient, Unknown
from core.notifications.claims import channels_with_work
from core.notifications.deliver import drain
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications import broker
from tests.notifications.support import PENDING, SENT, Pigeon, at_once, make_due

FAILURES = circuit.FAILURES


@pytest.fixture
def eight(pigeon: Pigeon, make_ticket: MakeTicket) -> None:
    """Eight messages that Ada is to get by pigeon."""
    for _ in range(8):
        make_ticket(quiet=False)


def states() -> list[str]:
    rows = NotificationLog.objects.filter(notification_type="PIGEON").order_by("pk")
    return list(rows.values_list("status", flat=True))


def half_open(**fields: object) -> None:
    """Let the time come at which it is tried again."""
    past = {"open_until": timezone.now() - timedelta(seconds=1)}
    ChannelCircuit.objects.update_or_create(channel="PIGEON", defaults={"code": "connection", **past, **fields})


# --- Opening ----------------------------------------------------------------------------------------


def test_so_many_deliveries_in_a_row_that_no_answer_came_for_switch_a_channel_off(eight: None, pigeon: Pigeon) -> None:
    pigeon.plans.extend([Transient("connection")] * 8)
    drain("PIGEON")
    assert len(pigeon.sent) == FAILURES
    opened = ChannelCircuit.objects.get()
    assert (opened.channel, opened.code, opened.openings) == ("PIGEON", "connection", 1)
    assert timedelta(seconds=50) < opened.open_until - timezone.now() <= timedelta(seconds=60)
    assert states() == [PENDING] * 8
    rows = NotificationLog.objects.filter(notification_type="PIGEON").order_by("pk")
    assert [row.attempts for row in rows] == [1] * FAILURES + [0] * (8 - FAILURES)  # the rest was given back as it was
    assert channels_with_work(["PIGEON"]) == []
    drain("PIGEON")
    assert len(pigeon.sent) == FAILURES


def test_a_wrong_configuration_switches_it_off_at_once(eight: None, pigeon: Pigeon) -> None:
    pigeon.plans.append(Misconfigured("401"))
    drain("PIGEON")
    assert (len(pigeon.sent), ChannelCircuit.objects.get().code) == (1, "401")


@pytest.mark.parametrize(
    "answer", ["flight", Permanent("550"), Transient("450")], ids=["success", "refusal", "patience"]
)
def test_any_answer_in_between_shows_that_the_provider_is_there(
    answer: str | DeliveryError, eight: None, pigeon: Pigeon
) -> None:
    failures = [Transient("connection")] * (FAILURES - 1)
    pigeon.plans.extend([*failures, answer, *failures[:3]])
    drain("PIGEON")
    assert (len(pigeon.sent), ChannelCircuit.objects.count()) == (8, 0)


def test_one_delivery_that_fails_again_and_again_is_not_the_whole_channel(told: Ticket, pigeon: Pigeon) -> None:
    pigeon.plans.extend([Ambiguous("500")] * (FAILURES + 1))
    for _ in range(FAILURES + 1):
        make_due()
        drain("PIGEON")
    assert (len(pigeon.sent), ChannelCircuit.objects.count()) == (FAILURES + 1, 0)


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (Transient("connection"), True),
        (Transient("timeout"), True),
        (Ambiguous("connection_lost"), True),
        (Unknown("no_answer"), True),
        (Transient("421"), True),
        (Transient("503"), True),
        (Ambiguous("20500"), True),
        (Unknown("502"), True),
        (Transient("429"), False),
        (Transient("450"), False),
        (Transient("63017"), False),
        (Permanent("503"), False),
        (Ambiguous("lease_lost"), False),
    ],
    ids=lambda value: f"{type(value).__name__} {value}",
)
def test_what_is_taken_for_an_outage(error: DeliveryError, outage: bool) -> None:
    assert circuit.is_outage(error) == outage


# --- Half open --------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["flight", Permanent("no_such_loft")], ids=["success", "refusal"])
def test_the_first_answer_closes_it_and_everything_goes_on(
    answer: str | DeliveryError, eight: None, pigeon: Pigeon
) -> None:
    half_open()
    claimed: list[int] = []

    def probe() -> str:
        claimed.append(NotificationLog.objects.filter(status="SENDING").count())
        if isinstance(answer, DeliveryError):
            raise answer
        return answer

    pigeon.plans.append(probe)
    drain("PIGEON")
    assert claimed == [1]
    assert (len(pigeon.sent), ChannelCircuit.objects.count()) == (8, 0)


@pytest.mark.parametrize(("openings", "minutes"), [(1, 2), (2, 4), (3, 8), (4, 10), (400, 10)])
def test_a_probe_that_fails_makes_it_wait_twice_as_long(
    openings: int, minutes: int, eight: None, pigeon: Pigeon
) -> None:
    half_open(openings=openings)
    pigeon.plans.append(Transient("timeout"))
    drain("PIGEON")
    opened = ChannelCircuit.objects.get()
    assert (len(pigeon.sent), opened.code, opened.openings) == (1, "timeout", openings + 1)
    assert opened.open_until - timezone.now() == pytest.approx(timedelta(minutes=minutes), abs=timedelta(seconds=10))
    assert opened.probing_until is None


def test_what_is_not_to_be_sent_probes_nothing(eight: None, pigeon: Pigeon) -> None:
    half_open()
    Ticket.objects.filter(pk=Ticket.objects.earliest("pk").pk).update(deleted_at=timezone.now())
    drain("PIGEON")
    assert states() == ["CANCELLED", *[SENT] * 7]
    assert not ChannelCircuit.objects.exists()


def test_while_somebody_probes_the_others_wait_until_he_is_dead(eight: None, pigeon: Pigeon) -> None:
    half_open(probing_until=timezone.now() + circuit.PROBE)
    assert channels_with_work(["PIGEON"]) == []
    drain("PIGEON")
    with circuit.passage("PIGEON", 50) as most:
        assert most == 0
    assert pigeon.sent == []
    half_open(probing_until=timezone.now())
    drain("PIGEON")
    assert len(pigeon.sent) == 8


def test_after_another_process_has_found_it_well_again_it_counts_anew(eight: None, pigeon: Pigeon) -> None:
    pigeon.plans.extend([Transient("timeout")] * FAILURES)
    drain("PIGEON")
    ChannelCircuit.objects.get().delete()
    pigeon.sent.clear()
    pigeon.plans.append(Transient("timeout"))
    make_due()
    drain("PIGEON")
    assert (len(pigeon.sent), ChannelCircuit.objects.count()) == (8, 0)


@pytest.mark.django_db(transaction=True)
def test_of_many_that_drain_at_the_same_time_one_probes(eight: None, pigeon: Pigeon) -> None:
    half_open()

    def slowly() -> str:
        time.sleep(0.2)
        raise Transient("timeout")

    pigeon.plans.extend([slowly] * 4)
    at_once(*[lambda: drain("PIGEON")] * 4)
    assert (len(pigeon.sent), DeliveryAttempt.objects.count()) == (1, 1)
    assert ChannelCircuit.objects.get().openings == 2


@pytest.mark.django_db(transaction=True)
def test_who_opens_it_at_the_same_time_opens_it_once(eight: None, pigeon: Pigeon) -> None:
    def misconfigured() -> None:
        with pytest.raises(circuit.Rests):
            circuit.rest("PIGEON", "401")

    at_once(*[misconfigured] * 4)
    assert ChannelCircuit.objects.get().openings == 1
    half_open(openings=1)
    at_once(*[misconfigured] * 4)
    assert ChannelCircuit.objects.get().openings == 2


# --- Other channels ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_one_channel_s_outage_leaves_the_others_latency_alone(
    make_ticket: MakeTicket, mailbox: FakeSmtp, whatsapp: FakeTwilio, hasty_whatsapp: None
) -> None:
    """All that a worker with its threads is told to do; Twilio takes requests and never answers."""
    for _ in range(20):
        make_ticket(quiet=False)
    whatsapp.hang(times=20)
    began, took = time.monotonic(), []

    def receive() -> None:
        mailbox.take_all(count=20, within=20)
        took.append(time.monotonic() - began)

    at_once(lambda: queue.drain("EMAIL"), lambda: queue.drain("WHATSAPP"), lambda: queue.drain("WHATSAPP"), receive)
    assert took[0] < 5  # generously: it takes a fifth of a second
    assert [opened.channel for opened in ChannelCircuit.objects.all()] == ["WHATSAPP"]
    assert len(whatsapp.requests) <= FAILURES + 1  # the other thread had begun one
    broker.waiting()
    queue.deliver_due()
    assert broker.waiting() == []
