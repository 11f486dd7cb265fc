"""Probes: only a missing database makes the product unready, and every answer comes in time."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from core.models import Heartbeat
from core.notifications import heartbeat
from core.views import health
from tests.stack import free_port, stack

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _just_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "_started", timezone.now())


def test_the_process_is_well_whatever_the_rest(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


def test_everything_is_there(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    checks = {"database": "ok", "channel_layer": "ok", "broker": "ok", "auditor": "ok"}
    assert response.json() == {"status": "ok", "checks": checks}


def test_without_the_database_it_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("password=secret")

    monkeypatch.setattr(health, "check_database", away)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"detail": "The database does not answer.", "code": "database_unavailable"}


def test_without_redis_it_is_degraded(client: Client, settings: Settings) -> None:
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    settings.REDIS_URL = settings.CELERY_BROKER_URL = nobody
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 2, "socket_connect_timeout": 2}
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "degraded",
        "checks": {"database": "ok", "channel_layer": "unavailable", "broker": "unavailable", "auditor": "ok"},
    }


def test_a_check_that_hangs_does_not_hang_the_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 0.1)
    monkeypatch.setattr(health, "check_broker", lambda: time.sleep(1))
    began = time.monotonic()
    response = client.get("/readyz")
    assert time.monotonic() - began < 0.9
    assert response.json()["checks"]["broker"] == "unavailable"


@pytest.mark.django_db(transaction=True)
def test_without_the_auditor_it_is_degraded_but_not_while_all_of_it_starts(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check has a connection of its own, so this is committed."""

    def auditor() -> str:
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert (answer.json()["status"] == "ok") == (answer.json()["checks"]["auditor"] == "ok")
        return str(answer.json()["checks"]["auditor"])

    assert auditor() == "ok"
    monkeypatch.setattr(heartbeat, "_started", timezone.now() - timedelta(hours=1))
    assert auditor() == "unavailable"
    heartbeat.beat(timedelta())
    assert auditor() == "ok"
    Heartbeat.objects.update(beat_at=timezone.now() - timedelta(seconds=121))
    assert auditor() == "unavailable"


def test_prometheus_finds_metrics(client: Client) -> None:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert b"django_http_requests_before_middlewares_total" in response.content


@pytest.mark.skipif(stack() != "distributed", reason="needs Redis")
def test_a_redis_that_is_there_is_asked(client: Client, settings: Settings) -> None:
    """With a password that it does not know, Redis itself says no."""
    checks = client.get("/readyz").json()["checks"]
    assert (checks["channel_layer"], checks["broker"]) == ("ok", "ok")
    settings.REDIS_URL = settings.CELERY_BROKER_URL = settings.REDIS_URL.replace("//", "//:wrong@")
    checks = client.get("/readyz").json()["checks"]
    assert (checks["channel_layer"], checks["broker"]) == ("unavailable", "unavailable")
