"""The auditor wakes what is late, and shows by its heartbeat that it could."""

from datetime import timedelta

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from core.actions import alerts, audit
from core.models import ChannelCircuit, NotificationLog, User
from core.notifications import backlog, heartbeat
from core.tasks import audit as task
from tests.conftest import MakeTicket
from tests.notifications import broker
from tests.notifications.support import SENDING


@pytest.fixture(autouse=True)
def _empty_broker(make_ticket: MakeTicket, ada: User) -> None:
    """Ada is being told of a ticket by mail and by WhatsApp."""
    make_ticket(quiet=False)
    broker.waiting()


def due_since(channel: str, *, seconds: int) -> None:
    at = timezone.now() - timedelta(seconds=seconds)
    NotificationLog.objects.filter(notification_type=channel).update(next_attempt_at=at)


def left_since(channel: str, *, seconds: int) -> None:
    """Whoever was sending it has died."""
    at = timezone.now() - timedelta(seconds=seconds)
    rows = NotificationLog.objects.filter(notification_type=channel)
    token = rows[0].notification
    rows.update(status=SENDING, lease_until=at, attempt_token=token, next_attempt_at=None)


def rests(channel: str) -> None:
    until = timezone.now() + timedelta(minutes=1)
    ChannelCircuit.objects.create(channel=channel, code="535", open_until=until, opened_at=timezone.now())


def test_what_is_late_is_woken_and_told_of() -> None:
    due_since("EMAIL", seconds=61)
    left_since("WHATSAPP", seconds=61)
    with capture_logs() as logs:
        task()
    assert [arguments for name, arguments, _ in broker.waiting() if name == "core.drain"] == [["EMAIL"], ["WHATSAPP"]]
    late = [line for line in logs if line["event"] == "deliveries_overdue"]
    assert [(line["channel"], line["at_least"]) for line in late] == [("EMAIL", 1), ("WHATSAPP", 1)]


def test_what_has_only_just_come_due_is_not_late() -> None:
    due_since("EMAIL", seconds=50)
    left_since("WHATSAPP", seconds=50)
    assert audit.overdue() == {}


def test_a_channel_that_rests_is_told_of_to_admins_and_not_as_late(ada: User) -> None:
    due_since("EMAIL", seconds=3600)
    rests("EMAIL")
    task()
    assert audit.overdue() == {}
    assert NotificationLog.objects.filter(recipient=ada, event="channel_paused").exists()


def test_its_heart_beats_when_all_went_well() -> None:
    task()
    first = heartbeat.last()
    task()
    again = heartbeat.last()
    assert first is not None
    assert again is not None
    assert first.beat_at < again.beat_at <= timezone.now()
    assert 0 <= again.took_ms < 10_000


def test_its_heart_stops_when_any_of_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(alerts, "alert", fails)
    with pytest.raises(RuntimeError, match="a bug"):
        task()
    assert heartbeat.last() is None


def test_very_many_are_not_counted_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    due_since("EMAIL", seconds=61)
    assert backlog.age("EMAIL") >= timedelta(seconds=61)
    monkeypatch.setattr(backlog, "AT_MOST", 0)
    assert backlog.due("EMAIL") == 0
