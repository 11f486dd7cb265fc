"""/dev/emails/: in demo mode, what every message looks like."""

import pytest
from django.test import Client
from pytest_django import Settings

from core.notifications import registry

pytestmark = pytest.mark.django_db
URL = "/dev/emails/"


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.DEMO = True


def test_outside_demo_mode_there_is_none(client: Client) -> None:
    assert client.get(URL).status_code == 404
    assert URL not in client.get("/").content.decode()


@pytest.mark.usefixtures("demo")
def test_it_shows_every_event_of_the_chosen_language_and_channel(client: Client) -> None:
    assert f'href="{URL}"' in client.get("/").content.decode()
    response = client.get(URL)
    page = response.content.decode()
    for key in (*registry.events(), "password_reset", "digest"):
        assert f">{key}</span>" in page
    assert page.count("<iframe sandbox srcdoc=") == page.count("<article")
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "<script" not in page
    german = client.get(URL, {"locale": "de", "channel": "WHATSAPP"}).content.decode()
    assert "hat das Ticket kommentiert" in german
    assert "<iframe" not in german
    assert ">phone_code</span>" in german


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("query", [{"locale": "fr"}, {"channel": "PIGEON"}])
def test_what_there_is_not_is_not_shown(client: Client, query: dict[str, str]) -> None:
    assert client.get(URL, query).status_code == 404
    assert client.post(URL).status_code == 405
