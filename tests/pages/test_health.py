"""Probes: only a missing database makes the product unready, and every answer comes in time."""

import time

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from core.views import health
from tests.stack import free_port, stack

pytestmark = pytest.mark.django_db


def test_the_process_is_well_whatever_the_rest(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


def test_everything_is_there(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "checks": {"database": "ok", "channel_layer": "ok", "broker": "ok"}}


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
        "checks": {"database": "ok", "channel_layer": "unavailable", "broker": "unavailable"},
    }


def test_a_check_that_hangs_does_not_hang_the_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", 0.1)
    monkeypatch.setattr(health, "check_broker", lambda: time.sleep(1))
    began = time.monotonic()
    response = client.get("/readyz")
    assert time.monotonic() - began < 0.9
    assert response.json()["checks"]["broker"] == "unavailable"


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
