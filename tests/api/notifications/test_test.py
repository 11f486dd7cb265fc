"""POST /api/notifications/test/"""

from collections.abc import Callable
from typing import Any

import pytest

from core.models import NotificationLog, Preference, User
from core.notifications import registry
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import at_once
from tests.openapi import ApiClient
from tests.tickets import Api

URL = "/api/notifications/test/"


@pytest.fixture(autouse=True)
def _one_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.actions.deliveries.this_hour", lambda: "this hour")


@pytest.fixture
def client(api: Api, dan: User) -> ApiClient:
    return api(dan)


def ask(client: ApiClient, channel: str) -> Any:
    answer = client.post(URL, {"channel": channel})
    assert answer.status_code == 201, answer.content
    return answer.json()


@pytest.mark.parametrize("channel", ["EMAIL", "WHATSAPP"])
def test_one_comes_on_that_channel_alone(
    client: ApiClient, dan: User, channel: str, deliver: Callable[[], None], mailbox: FakeSmtp, whatsapp: FakeTwilio
) -> None:
    shown = ask(client, channel)
    assert (shown["event"], shown["actor"], shown["ticket"], shown["resource_type"]) == (
        "test_notification",
        None,
        None,
        "user",
    )
    assert [one["notification_type"] for one in shown["deliveries"]] == [channel]
    deliver()
    texts = [mail.text for mail in mailbox.take_all()] + [message.body for message in whatsapp.take_all()]
    assert len(texts) == 1
    assert f"This is your test notification by {channel}" in texts[0]
    again = client.get(f"/api/notifications/{shown['id']}/").json()
    assert again["deliveries"][0]["status"] == "SENT"


def test_in_the_inbox_alone(client: ApiClient, deliver: Callable[[], None]) -> None:
    assert ask(client, "SYSTEM")["deliveries"] == []
    deliver()
    assert client.get("/api/notifications/unread_count/").json()["count"] == 1


def test_it_comes_whatever_the_preferences_are(
    client: ApiClient, dan: User, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    Preference.objects.create(user=dan, off={"EMAIL": ["*"]}, digest="daily")
    ask(client, "EMAIL")
    deliver()
    mailbox.take(dan.email)


def test_in_the_language_of_who_asks(client: ApiClient, dan: User) -> None:
    User.objects.filter(pk=dan.pk).update(locale="de-AT")
    assert ask(client, "SYSTEM")["subject"] == "Testbenachrichtigung"


def test_five_an_hour(client: ApiClient) -> None:
    for _ in range(5):
        ask(client, "SYSTEM")
    answer = client.post(URL, {"channel": "SYSTEM"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3_600
    assert NotificationLog.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_two(client: ApiClient, dan: User) -> None:
    at_once(*[lambda: ask(client, "SYSTEM")] * 2)
    assert NotificationLog.objects.filter(recipient=dan).count() == 2


@pytest.mark.parametrize("body", [{}, {"channel": "PIGEON"}, {"channel": None}, {"channel": ["EMAIL"]}])
def test_the_channel_has_to_be_one(client: ApiClient, body: dict[str, Any]) -> None:
    answer = client.post(URL, body)
    assert (answer.status_code, list(answer.json())) == (400, ["channel"])
    assert not NotificationLog.objects.exists()


def test_unknown_fields_are_refused(client: ApiClient) -> None:
    answer = client.post(URL, {"channel": "EMAIL", "to": "somebody@example.com"})
    assert (answer.status_code, list(answer.json())) == (400, ["to"])


def test_nobody_else_can_be_tested(db: None) -> None:
    assert ApiClient().post(URL, {"channel": "EMAIL"}).status_code == 401


def test_it_is_no_matter_of_preferences(client: ApiClient) -> None:
    matrix = client.get("/api/notifications/preferences/").json()["events"]
    assert set(registry.events()) - set(matrix) == {"test_notification"}
