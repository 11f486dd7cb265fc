"""`/metrics`: what the database says of the queue, whichever process is asked; never an error."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from core.actions import jobs
from core.models import ChannelCircuit, Heartbeat, NotificationLog, User
from core.notifications import backlog, gauges, heartbeat
from tests.conftest import MakeTicket

pytestmark = pytest.mark.django_db

Labels = tuple[str, ...]


@pytest.fixture(autouse=True)
def _read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "page", gauges.Page())


def scraped(client: Client) -> dict[tuple[str, Labels], float]:
    response = client.get("/metrics")
    assert response.status_code == 200
    families = text_string_to_metric_families(response.content.decode())
    return {(one.name, tuple(one.labels.values())): one.value for family in families for one in family.samples}


def test_it_shows_how_much_is_due_and_since_when(client: Client, make_ticket: MakeTicket) -> None:
    make_ticket(quiet=False)
    mails = NotificationLog.objects.filter(notification_type="EMAIL")
    mails.update(next_attempt_at=timezone.now() - timedelta(seconds=90))
    later = timezone.now() + timedelta(hours=1)
    NotificationLog.objects.filter(notification_type="WHATSAPP").update(next_attempt_at=later)
    found = scraped(client)
    assert found["deliveries_due", ("EMAIL",)] == mails.count() > 0
    assert 90 <= found["deliveries_due_age_seconds", ("EMAIL",)] < 120
    assert found["deliveries_due", ("WHATSAPP",)] == found["deliveries_due_age_seconds", ("WHATSAPP",)] == 0


@pytest.mark.parametrize(("minutes", "state"), [(None, "closed"), (1, "open"), (-1, "half_open")])
def test_it_shows_the_state_of_each_circuit(client: Client, minutes: int | None, state: str) -> None:
    if minutes:
        until = timezone.now() + timedelta(minutes=minutes)
        ChannelCircuit.objects.create(channel="EMAIL", code="535", open_until=until)
    found = scraped(client)
    states = {one: found["channel_circuit", ("EMAIL", one)] for one in ("closed", "open", "half_open")}
    assert [one for one, value in states.items() if value] == [state]
    assert found["channel_circuit", ("WHATSAPP", "closed")] == 1


def test_it_shows_how_the_auditor_is(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "FRESH", 0)
    assert ("auditor_heartbeat_age_seconds", ()) not in scraped(client)
    heartbeat.beat(timedelta(milliseconds=250))
    Heartbeat.objects.update(beat_at=timezone.now() - timedelta(seconds=150))
    found = scraped(client)
    assert 150 <= found["auditor_heartbeat_age_seconds", ()] < 180
    assert found["auditor_seconds", ()] == 0.25


def test_it_shows_the_jobs_that_have_not_ended(client: Client, ada: User) -> None:
    for _ in range(2):
        jobs.start(owner=ada, name="export", params={})
    jobs.claim(["export"])
    jobs.cancel(owner=ada, job_id=jobs.start(owner=ada, name="bulk", params={}).pk)
    found = {labels: value for (name, labels), value in scraped(client).items() if name == "jobs_unfinished"}
    assert found == {("export", "PENDING"): 1, ("export", "RUNNING"): 1}


def test_the_database_is_asked_once_however_many_ask(client: Client, make_ticket: MakeTicket) -> None:
    before = scraped(client)["deliveries_due", ("EMAIL",)]
    make_ticket(quiet=False)
    assert scraped(client)["deliveries_due", ("EMAIL",)] == before == 0


def test_without_the_database_what_is_counted_is_there_all_the_same(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_channel: str) -> int:
        raise OperationalError("away")

    monkeypatch.setattr(backlog, "due", away)
    found = {name for name, _ in scraped(client)}
    assert "django_http_requests_before_middlewares_total" in found
    assert "deliveries_due" not in found


def test_it_is_only_read(client: Client) -> None:
    assert client.post("/metrics").status_code == 405
