"""Mail through a provider's own API: what it takes, what it refuses, and when nobody can tell."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from anymail.exceptions import AnymailUnsupportedFeature
from django.utils import timezone
from pytest_django import Settings

from core.models import ChannelCircuit, DeliveryStatus, NotificationLog, Ticket, User
from core.notifications.channel import Misconfigured
from core.notifications.channels import email
from core.notifications.deliver import drain
from core.notifications.mail_faults import classify_api
from tests.fakes.postmark import TOKEN, Answer, FakePostmark, error
from tests.notifications.support import PENDING, SENT, make_due, row_of

FAILED = DeliveryStatus.FAILED
INACTIVE = (
    "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: ada@example.com. "
    "Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."
)


@pytest.fixture
def postmark(settings: Settings) -> Iterator[FakePostmark]:
    fake = FakePostmark()
    email.channel.close()
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": TOKEN, "POSTMARK_API_URL": fake.url}
    yield fake
    email.channel.close()
    fake.stop()


def sent_to(ada: User) -> NotificationLog:
    drain("EMAIL")
    return row_of(ada, "EMAIL")


def test_it_takes_a_mail_whole_and_gives_it_a_number(told: Ticket, ada: User, postmark: FakePostmark) -> None:
    row = sent_to(ada)
    (mail,) = postmark.taken
    assert (row.status, len(row.provider_id)) == (SENT, 36)
    assert mail["To"] == ada.email
    assert row.message in mail["TextBody"]
    assert row.link_key in mail["HtmlBody"]
    headers = {header["Name"]: header["Value"] for header in mail["Headers"]}
    attempt = row.delivery_attempts.get()
    assert headers["X-Delivery-Attempt"] == str(attempt.pk)
    assert headers["Message-ID"].startswith(f"<delivery-{row.pk}.")
    assert {"List-Unsubscribe", "List-Unsubscribe-Post", "References"} <= set(headers)


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (error(422, 406, INACTIVE), FAILED, "address_refused"),
        (error(422, 300, "Invalid 'To' address: 'ada@example.com'."), FAILED, "address_refused"),
        (error(422, 300, "Invalid 'From' address: 'x'."), FAILED, "mail_refused"),
        (error(413, 0, "Too large"), FAILED, "mail_refused"),
        (error(429, 0, "Slow down", Retry_After="90"), PENDING, "provider_busy"),
        (error(503, 100, "Maintenance"), PENDING, "provider_busy"),
        (error(500, 0, "Our fault"), PENDING, "provider_failed"),
        (error(200, 406, "Of somebody else: eve@example.com."), PENDING, "no_answer"),
        (Answer(body="garbage"), PENDING, "no_answer"),
        (Answer(body="{}", after=0.7), PENDING, "no_answer"),
    ],
    ids=lambda value: str(getattr(value, "status", value)),
)
def test_what_it_says_instead_decides(
    answer: Answer, status: str, code: str, told: Ticket, ada: User, postmark: FakePostmark, settings: Settings
) -> None:
    if answer.after:
        settings.ANYMAIL = settings.ANYMAIL | {"REQUESTS_TIMEOUT": 0.5}
    postmark.answers.append(answer)
    before, row = timezone.now(), sent_to(ada)
    assert (row.status, row.error, row.attempts) == (status, code, 1)
    if answer.headers and row.next_attempt_at:
        assert row.next_attempt_at - before >= timedelta(seconds=90)
    if status == PENDING:
        make_due(row)
        assert sent_to(ada).status == SENT
        assert len(postmark.taken) == 1


def test_what_may_have_arrived_twice_is_left_to_an_admin(told: Ticket, ada: User, postmark: FakePostmark) -> None:
    postmark.answers += [error(500, 0, "Our fault"), error(502, 0, "Our fault")]
    make_due(sent_to(ada))
    row = sent_to(ada)
    assert (row.status, row.error) == (DeliveryStatus.UNKNOWN, "provider_failed")


def test_one_that_is_away_is_tried_again_later(
    told: Ticket, ada: User, postmark: FakePostmark, settings: Settings
) -> None:
    settings.ANYMAIL = settings.ANYMAIL | {"POSTMARK_API_URL": "http://127.0.0.1:1/"}
    row = sent_to(ada)
    assert (row.status, row.error) == (PENDING, "connection")


@pytest.mark.parametrize(("key", "code"), [("wrong", "account_refused"), ("", "missing_credentials")])
def test_a_wrong_key_makes_the_channel_wait(
    key: str, code: str, told: Ticket, ada: User, postmark: FakePostmark, settings: Settings
) -> None:
    settings.ANYMAIL = {"POSTMARK_API_URL": postmark.url} | ({"POSTMARK_SERVER_TOKEN": key} if key else {})
    row = sent_to(ada)
    assert (row.status, row.error, row.attempts) == (PENDING, code, 0)
    assert ChannelCircuit.objects.get(channel="EMAIL").code == code


def test_what_django_anymail_cannot_send_is_a_matter_of_our_settings() -> None:
    assert isinstance(classify_api(AnymailUnsupportedFeature()), Misconfigured)
