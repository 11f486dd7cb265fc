"""The front page says what runs; strangers learn the name and the links only."""

import pytest
from django.test import Client
from pytest_django import Settings

from core.models import User

pytestmark = pytest.mark.django_db


def test_in_demo_mode_it_shows_people_facts_and_the_outbox(client: Client, settings: Settings, ada: User) -> None:
    settings.DEMO = True
    page = client.get("/").content.decode()
    for part in ("/api/docs/", "/api/schema/", "/admin/", "/healthz", "/readyz", "/metrics", "/dev/outbox/"):
        assert f'href="{part}"' in page
    assert "<code>ada</code>" in page
    assert "leaves by SMTP" in page
    assert "leaves by Twilio" in page


def test_it_says_which_channels_end_in_the_outbox(client: Client, settings: Settings) -> None:
    settings.DEMO, settings.EMAIL_URL, settings.TWILIO_AUTH_TOKEN = True, "", ""
    page = client.get("/").content.decode()
    assert page.count("stays in the outbox") == 2
    settings.EMAIL_ESP = "postmark"
    assert "leaves by postmark" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("broker", "redis", "words"),
    [
        ("memory://", "", ["embedded: one process", "in memory"]),
        ("redis://127.0.0.1:1/0", "redis://127.0.0.1:1/0", ["distributed", "Redis"]),
    ],
)
def test_it_names_the_way_it_runs(
    client: Client, settings: Settings, broker: str, redis: str, words: list[str]
) -> None:
    settings.DEMO, settings.CELERY_BROKER_URL, settings.REDIS_URL = True, broker, redis
    page = client.get("/").content.decode()
    for word in words:
        assert word in page
    assert "127.0.0.1:1" not in page


def test_outside_demo_mode_it_tells_no_more_than_the_links(client: Client, ada: User) -> None:
    page = client.get("/").content.decode()
    assert "Incident Management" in page
    for secret in ("ada", "demo-password", "outbox", "SQLite", "PostgreSQL", "leaves by"):
        assert secret not in page


def test_pages_load_nothing_from_elsewhere(client: Client) -> None:
    response = client.get("/")
    assert response["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self' ;")
    assert "http://" not in response.content.decode()
    style = client.get("/static/core/site.css")
    assert style.status_code == 200
    assert style["Content-Type"].startswith("text/css")
    style.close()


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/").status_code == 405
