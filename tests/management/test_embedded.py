"""Worker and beat inside a process start, send what is due and stop in time."""

from collections.abc import Iterator

import pytest
import requests
from celery import current_app
from celery.worker import state
from pytest_django import Settings

from core.actions import tickets
from core.management.embedded import Embedded
from core.models import NotificationLog, User
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.stack import free_port, stack

pytestmark = pytest.mark.skipif(stack() != "embedded", reason="the distributed stack has workers of its own")


@pytest.fixture
def embedded(settings: Settings) -> Iterator[Embedded]:
    """What it sets on the one Celery application is put back."""
    settings.METRICS_PORT = free_port()
    before = current_app.conf.worker_enable_remote_control
    yield Embedded()
    current_app.conf.worker_enable_remote_control = before
    state.should_stop = None


@pytest.mark.django_db(transaction=True)
def test_it_sends_what_is_left_and_what_comes_and_stops_in_time(
    embedded: Embedded, ada: User, cleo: User, mailbox: FakeSmtp, whatsapp: FakeTwilio, settings: Settings
) -> None:
    metrics = f"http://127.0.0.1:{settings.METRICS_PORT}/metrics"
    tickets.create(actor=cleo, title="Left by an earlier process", description="…")
    embedded.start()
    mailbox.take("ada@example.com", within=10)
    whatsapp.take("+12025550101", within=10)
    tickets.create(actor=cleo, title="Raised meanwhile", description="…")
    mailbox.take("ada@example.com", within=10)
    whatsapp.take("+12025550101", within=10)
    assert (
        'deliveries_total{channel="EMAIL",event="ticket_created",outcome="SENT"}'
        in requests.get(metrics, timeout=5).text
    )
    embedded.begin_stop()
    assert embedded.finish_stop(seconds=10)
    with pytest.raises(requests.ConnectionError):
        requests.get(metrics, timeout=5)
    assert not embedded.beat_thread.is_alive()
    assert not NotificationLog.objects.filter(status__in=("PENDING", "SENDING")).exists()
