"""The development outbox: in demo mode, everything that would have left."""

import pytest
from django.test import Client
from pytest_django import Settings

from core.models import OutboxMessage

pytestmark = pytest.mark.django_db
EVIL = "<script>alert('x')</script>"


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.DEMO, settings.EMAIL_URL = True, ""


def put(number: int, **fields: str) -> OutboxMessage:
    plain = {"channel": "EMAIL", "recipient": "dan@example.com", "subject": f"Subject {number}", "body": "Text"}
    return OutboxMessage.objects.create(key=f"key-{number}", **plain | fields)


@pytest.mark.parametrize("path", ["/dev/outbox/", "/dev/outbox/?format=json"])
def test_outside_demo_mode_there_is_none(client: Client, path: str) -> None:
    put(1)
    assert client.get(path).status_code == 404


@pytest.mark.usefixtures("demo")
def test_it_is_empty_at_first(client: Client) -> None:
    assert "Nothing yet" in client.get("/dev/outbox/").content.decode()


@pytest.mark.usefixtures("demo")
def test_it_shows_the_newest_first_in_pages_of_50(client: Client) -> None:
    for number in range(60):
        put(number)
    first, second = (client.get(f"/dev/outbox/?page={page}").content.decode() for page in (1, 2))
    assert first.count("<article") == 50
    assert first.index("Subject 59") < first.index("Subject 58")
    assert "Subject 9<" not in first
    assert second.count("<article") == 10
    assert "Page 2 of 2" in second
    assert client.get("/dev/outbox/?page=nonsense").status_code == 200


@pytest.mark.usefixtures("demo")
def test_links_in_a_text_can_be_followed(client: Client) -> None:
    put(
        1, channel="WHATSAPP", recipient="whatsapp:+12025550102", subject="", body="Look:\nhttp://127.0.0.1:8000/n/abc/"
    )
    page = client.get("/dev/outbox/").content.decode()
    assert '<a href="http://127.0.0.1:8000/n/abc/"' in page
    assert "whatsapp:+12025550102" in page


@pytest.mark.usefixtures("demo")
def test_everything_is_escaped_and_html_stays_in_a_sandbox(client: Client) -> None:
    put(1, subject=EVIL, body=EVIL, recipient=EVIL, html=f'<p>"Hello"</p>{EVIL}')
    page = client.get("/dev/outbox/").content.decode()
    assert "<script" not in page
    assert '<iframe sandbox srcdoc="&lt;p&gt;&quot;Hello&quot;&lt;/p&gt;' in page


@pytest.mark.usefixtures("demo")
def test_programs_get_json(client: Client) -> None:
    message = put(1)
    answer = client.get("/dev/outbox/?format=json").json()
    assert (answer["count"], answer["pages"], answer["channels"]) == (1, 1, ["EMAIL"])
    assert answer["results"][0]["key"] == message.key
