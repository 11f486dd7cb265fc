"""The fake Twilio satisfies Twilio's own client."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.fakes.twilio import FakeTwilio
from tests.fakes.twilio_webhooks import Answer
from tests.stack import TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, free_port

US, DAN, DORA = "+12025550199", "+12025550102", "+12025550103"
TEMPLATE = "HX" + "0" * 32


@pytest.fixture
def fake() -> Iterator[FakeTwilio]:
    fake = FakeTwilio(free_port(), account=TWILIO_ACCOUNT_SID, token=TWILIO_AUTH_TOKEN, sender=US)
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def client(fake: FakeTwilio) -> Iterator[Client]:
    with connected(fake) as client:
        yield client


@contextmanager
def connected(fake: FakeTwilio, token: str = TWILIO_AUTH_TOKEN) -> Iterator[Client]:
    """Twilio's client, on its way to the fake."""
    http = TwilioHttpClient(timeout=5)
    client = Client(fake.account, token, http_client=http)
    client.api.base_url = f"http://127.0.0.1:{fake.port}"
    yield client
    assert http.session is not None
    http.session.close()


def send(client: Client, to: str = DAN, **content: str) -> Any:
    return client.messages.create(to=f"whatsapp:{to}", from_=f"whatsapp:{US}", **content or {"body": "Hello"})


def refusal(client: Client, **arguments: str) -> TwilioRestException:
    """How the client reports what Twilio answers to these arguments."""
    defaults = {"to": f"whatsapp:{DAN}", "from_": f"whatsapp:{US}"}
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(**defaults | arguments)
    return caught.value


def test_a_message_is_queued(fake: FakeTwilio, client: Client) -> None:
    sent = send(client)
    assert sent.status == "queued"
    assert sent.date_sent is None
    assert abs(sent.date_created - datetime.now(UTC)) < timedelta(seconds=5)
    message = fake.take(DAN)
    assert (message.sid, message.body, message.sender) == (sent.sid, "Hello", US)
    fake.expect_nothing()


def test_a_template_is_rendered(fake: FakeTwilio, client: Client) -> None:
    fake.templates[TEMPLATE] = "Ticket {{1}}: {{2}}"
    send(client, content_sid=TEMPLATE, content_variables=json.dumps({"1": "INC-000042", "2": "Hello"}))
    assert fake.take(DAN).body == "Ticket INC-000042: Hello"


def test_an_unknown_template_shows_its_variables(fake: FakeTwilio, client: Client) -> None:
    send(client, content_sid=TEMPLATE, content_variables=json.dumps({"1": "one", "2": "two"}))
    assert fake.take(DAN).body == "one two"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"body": "Hello", "to": DAN}, 21211),
        ({"body": "Hello", "to": "whatsapp:dan"}, 21211),
        ({"body": "Hello", "from_": f"whatsapp:{DORA}"}, 63007),
        ({}, 21602),
        ({"body": "x" * 1_601}, 21617),
        ({"content_sid": "nonsense"}, 21655),
        ({"content_sid": TEMPLATE, "content_variables": "[1]"}, 21656),
        ({"content_sid": TEMPLATE, "content_variables": '{"1": 1}'}, 21656),
    ],
)
def test_bad_requests_are_refused(fake: FakeTwilio, client: Client, arguments: dict[str, str], code: int) -> None:
    error = refusal(client, **arguments)
    assert (error.status, error.code) == (400, code)
    fake.expect_nothing()


def test_wrong_credentials_are_refused(fake: FakeTwilio) -> None:
    with connected(fake, "wrong") as stranger:
        error = refusal(stranger, body="Hello")
    assert (error.status, error.code) == (401, 20003)
    fake.expect_nothing()


def test_errors_are_answered_when_told(fake: FakeTwilio, client: Client) -> None:
    fake.fail(400, 21610)
    fake.fail(500, times=2)
    assert [refusal(client, body="Hello").status for _ in range(3)] == [400, 500, 500]
    fake.expect_nothing()
    send(client)
    assert fake.take(DAN)


def test_too_many_requests_say_when_to_come_back(fake: FakeTwilio) -> None:
    fake.fail(429, 20429, retry_after=7)
    url = f"http://127.0.0.1:{fake.port}/2010-04-01/Accounts/{fake.account}/Messages.json"
    with requests.Session() as session:
        answer = session.post(url, auth=(fake.account, fake.token), timeout=5)
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()["code"]) == (429, "7", 20429)


@pytest.mark.parametrize("accepted", [False, True])
def test_it_hangs_before_or_after_accepting(fake: FakeTwilio, client: Client, accepted: bool) -> None:
    fake.hang(accepted=accepted)
    http = client.http_client
    http.timeout = 0.3
    with pytest.raises(requests.ReadTimeout):
        send(client)
    http.timeout = 5
    assert len(fake.take_all(count=accepted, within=5)) == accepted
    assert len(client.messages.list(to=f"whatsapp:{DAN}")) == accepted


def test_the_list_finds_by_person_and_time(fake: FakeTwilio, client: Client) -> None:
    sent = [send(client, to).sid for to in (DAN, DORA, DAN)]
    now = datetime.now(UTC)
    found = client.messages.list(to=f"whatsapp:{DAN}", date_sent_after=now - timedelta(minutes=1))
    assert [message.sid for message in found] == [sent[2], sent[0]]
    assert client.messages.list(from_=f"whatsapp:{US}", date_sent_before=now - timedelta(minutes=1)) == []
    assert client.messages.list(date_sent_after=now + timedelta(minutes=1)) == []
    fake.take_all(count=3)


def test_the_list_has_pages(fake: FakeTwilio, client: Client) -> None:
    sent = [send(client).sid for _ in range(5)]
    fake.take_all(count=5)
    assert [message.sid for message in client.messages.stream(page_size=2)] == sent[::-1]
    assert [method for method, _ in fake.requests].count("GET") == 3
    fake.fail(503, method="GET")
    with pytest.raises(TwilioException):
        client.messages.list()


def test_it_goes_away_and_comes_back_on_the_same_port(fake: FakeTwilio, client: Client) -> None:
    send(client)
    fake.stop()
    with pytest.raises(requests.ConnectionError):
        send(client)
    fake.behave()
    send(client)
    assert len(fake.take_all()) == 2


def test_it_resets_a_connection(fake: FakeTwilio, client: Client) -> None:
    fake.reset(accepted=True)
    with pytest.raises(requests.ConnectionError):
        send(client)
    assert fake.take(DAN)


def test_it_talks_nonsense(fake: FakeTwilio, client: Client) -> None:
    fake.garble("<html>", accepted=True)
    with pytest.raises(ValueError, match="Expecting value"):
        send(client)
    assert fake.take(DAN)


def test_outside_the_window_only_templates_go(fake: FakeTwilio, client: Client) -> None:
    fake.closed.add(DAN)
    assert refusal(client, body="Hello").code == 63016
    send(client, content_sid=TEMPLATE, content_variables="{}")
    fake.wrote(DAN)
    send(client)
    assert len(fake.take_all()) == 2


def test_it_reports_what_became_of_a_message_signed_and_in_its_list(fake: FakeTwilio, client: Client) -> None:
    url = "https://example.com/webhooks/twilio/status/7/?attempt=8"
    send(client, body="Hello", status_callback=url)
    heard: list[tuple[str, dict[str, str], bool]] = []

    def hear(url: str, form: dict[str, str], headers: dict[str, str]) -> Answer:
        signed = RequestValidator(TWILIO_AUTH_TOKEN).validate(url, form, headers["X-Twilio-Signature"])
        heard.append((url, form, signed))
        return Answer(204, "")

    fake.post = hear
    assert fake.report(fake.take(DAN), "undelivered", 63003) == 204
    ((address, form, signed),) = heard
    assert (address, form["MessageStatus"], form["ErrorCode"], signed) == (url, "undelivered", "63003", True)
    (listed,) = client.messages.list()
    assert (str(listed.status), listed.error_code) == ("undelivered", 63003)
