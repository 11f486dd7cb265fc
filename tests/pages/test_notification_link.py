"""The link each message carries shows what was sent, to whoever holds it, and changes nothing."""

import pytest
from django.test import Client

from core.actions import tickets
from core.models import NotificationLog, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(ada: User, cleo: User) -> NotificationLog:
    tickets.create(actor=cleo, title="<b>Printer</b> is on fire", description="Smoke.")
    NotificationLog.objects.filter(notification_type="WHATSAPP").delete()
    return NotificationLog.objects.get(recipient=ada, notification_type="EMAIL")


def test_it_shows_number_subject_and_message_as_sent(client: Client, row: NotificationLog) -> None:
    page = client.get(f"/n/{row.link_key}/").content.decode()
    assert "INC-" in page
    assert "&lt;b&gt;Printer&lt;/b&gt; is on fire" in page
    assert "<b>" not in page


def test_it_changes_nothing(client: Client, row: NotificationLog) -> None:
    before = NotificationLog.objects.filter(pk=row.pk).values().get()
    client.get(f"/n/{row.link_key}/")
    assert NotificationLog.objects.filter(pk=row.pk).values().get() == before
    assert client.post(f"/n/{row.link_key}/").status_code == 405


def test_neither_search_engines_nor_caches_nor_other_sites_learn_the_link(client: Client, row: NotificationLog) -> None:
    response = client.get(f"/n/{row.link_key}/")
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("key", ["unknown", "x" * 200, "%00"])
def test_an_unknown_key_is_not_found(client: Client, row: NotificationLog, key: str) -> None:
    assert client.get(f"/n/{key}/").status_code == 404
