"""The Celery tasks: wake-ups only, and a channel that hangs keeps nobody but itself waiting."""

import threading
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone

from core import tasks
from core.actions import inbox
from core.models import ChannelCircuit, Feed, NotificationLog, Status, Ticket, User
from core.notifications import queue
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications import broker
from tests.notifications.support import PENDING, SENDING, SENT, row_of, wait_until


def drains() -> list[str]:
    """The channels that are to be drained."""
    return [arguments[0] for task, arguments, _ in broker.waiting() if task == "core.drain"]


@pytest.fixture(autouse=True)
def _empty_broker() -> None:
    broker.waiting()


def test_every_channel_with_work_is_woken_by_a_message_of_its_own(told: Ticket) -> None:
    queue.deliver_due()
    assert drains() == ["EMAIL", "WHATSAPP"]


def test_a_channel_without_work_is_left_alone(told: Ticket, ada: User) -> None:
    mail = row_of(ada, "EMAIL")
    NotificationLog.objects.filter(pk=mail.pk).update(next_attempt_at=timezone.now() + timedelta(minutes=1))
    queue.deliver_due()
    assert drains() == ["WHATSAPP"]
    ChannelCircuit.objects.create(channel="WHATSAPP", code="20003", open_until=timezone.now() + timedelta(minutes=1))
    queue.deliver_due()
    assert drains() == []


def test_draining_sends_what_is_due_on_that_channel(told: Ticket, ada: User, mailbox: FakeSmtp) -> None:
    queue.drain("EMAIL")
    assert (row_of(ada, "EMAIL").status, row_of(ada, "WHATSAPP").status) == (SENT, PENDING)
    mailbox.take(ada.email)


@pytest.mark.django_db(transaction=True)
def test_a_channel_that_hangs_keeps_nobody_but_itself_waiting(
    told: Ticket, ada: User, mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    def drain_whatsapp() -> None:
        queue.drain("WHATSAPP")
        connection.close()

    whatsapp.hang(accepted=True)
    hanging = threading.Thread(target=drain_whatsapp)
    hanging.start()
    wait_until(lambda: whatsapp.requests)
    queue.drain("EMAIL")
    mailbox.take(ada.email)
    queue.drain("WHATSAPP")  # nothing is left to do: back at once
    assert hanging.is_alive()
    assert (row_of(ada, "EMAIL").status, row_of(ada, "WHATSAPP").status) == (SENT, SENDING)
    whatsapp.take(str(ada.phone_number), within=5)
    whatsapp.behave()
    hanging.join(5)
    assert not hanging.is_alive()
    assert row_of(ada, "WHATSAPP").status == PENDING


@pytest.mark.parametrize(("batch", "asked"), [(1, ["EMAIL"]), (2, [])])
def test_who_finds_a_whole_batch_asks_for_help(
    told: Ticket, ada: User, mailbox: FakeSmtp, monkeypatch: pytest.MonkeyPatch, batch: int, asked: list[str]
) -> None:
    monkeypatch.setattr("core.notifications.deliver.BATCH", batch)
    queue.drain("EMAIL")
    mailbox.take(ada.email)
    assert drains() == asked


def test_without_a_broker_it_goes_on_alone(
    told: Ticket, ada: User, mailbox: FakeSmtp, monkeypatch: pytest.MonkeyPatch, broker_away: None
) -> None:
    monkeypatch.setattr("core.notifications.deliver.BATCH", 1)
    queue.drain("EMAIL")
    mailbox.take(ada.email)


def test_folding_writes_read_alls_into_their_rows(make_ticket: MakeTicket, cleo: User) -> None:
    make_ticket(Status.RESOLVED)
    inbox.mark_all_read(user=cleo)
    assert NotificationLog.objects.filter(recipient=cleo, is_read=False).exists()
    queue.fold()
    assert not NotificationLog.objects.filter(recipient=cleo, is_read=False).exists()
    feed = Feed.objects.get(user=cleo)
    assert feed.folded_up_to == feed.read_up_to


def test_celery_knows_the_tasks_and_beat_finds_lost_work_in_time() -> None:
    assert {f"core.{name}" for name in tasks.__all__} <= set(current_app.tasks)
    assert set(tasks.__all__) == {
        "audit",
        "deliver_due",
        "drain",
        "fold",
        "remind",
        "run_jobs",
        "tell_votes",
        "tidy",
        "trim",
    }
    entries = settings.CELERY_BEAT_SCHEDULE.values()
    assert {str(entry["task"]) for entry in entries} <= set(current_app.tasks)
    assert settings.CELERY_BEAT_SCHEDULE["sweep"]["task"] == "core.deliver_due"
    assert settings.CELERY_BEAT_SCHEDULE["sweep"]["schedule"] == settings.SWEEP_SECONDS <= 15
