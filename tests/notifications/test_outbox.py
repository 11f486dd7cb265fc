"""The development outbox: what would have left, in demo mode."""

from collections.abc import Iterator

import pytest
from django.core.mail import EmailMessage
from pytest_django import Settings

from core.models import OutboxMessage, Ticket, User
from core.notifications import outbox
from core.notifications.channel import Misconfigured
from core.notifications.channels import email
from core.notifications.deliver import drain
from tests.notifications.support import PENDING, SENT, row_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_mail_server(settings: Settings) -> Iterator[None]:
    """No EMAIL_URL."""
    email.channel.close()
    settings.EMAIL_BACKEND = "core.notifications.outbox.EmailBackend"
    yield
    email.channel.close()


def test_in_demo_mode_a_mail_is_kept_as_it_would_have_left(settings: Settings, told: Ticket, ada: User) -> None:
    settings.DEMO = True
    drain("EMAIL")
    row, kept = row_of(ada, "EMAIL"), OutboxMessage.objects.get()
    assert (row.status, row.provider_id) == (SENT, kept.key)
    assert (kept.channel, kept.recipient, kept.subject) == ("EMAIL", ada.email, row.subject)
    for body in (kept.body, kept.html):
        assert row.message in body
        assert f"/n/{row.link_key}/" in body


def test_outside_demo_mode_missing_credentials_make_the_channel_wait(told: Ticket, ada: User) -> None:
    drain("EMAIL")
    row = row_of(ada, "EMAIL")
    assert (row.status, row.error, row.attempts) == (PENDING, "missing_credentials", 0)
    assert not OutboxMessage.objects.exists()


def test_the_same_message_again_changes_nothing(settings: Settings) -> None:
    settings.DEMO = True
    for body in ("first", "second"):
        outbox.put(key="key", channel="WHATSAPP", recipient="whatsapp:+12025550101", body=body)
    kept = OutboxMessage.objects.get()
    assert (kept.body, kept.subject, kept.html) == ("first", "", "")


def test_outside_demo_mode_nothing_is_kept() -> None:
    with pytest.raises(Misconfigured, match="missing_credentials"):
        outbox.put(key="key", channel="WHATSAPP", recipient="whatsapp:+12025550101", body="text")
    assert not OutboxMessage.objects.exists()


def test_a_plain_mail_has_no_html(settings: Settings) -> None:
    settings.DEMO = True
    mail = EmailMessage("subject", "text", to=["you@example.com"], headers={"Message-ID": "<1@example.com>"})
    assert mail.send() == 1
    kept = OutboxMessage.objects.get()
    assert (kept.key, kept.body, kept.html) == ("<1@example.com>", "text", "")


@pytest.mark.parametrize("there", [2, 5])
def test_only_the_newest_messages_are_kept(there: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "KEPT", 3)
    OutboxMessage.objects.bulk_create(OutboxMessage(key=str(number), body="text") for number in range(there))
    outbox.trim()
    assert set(OutboxMessage.objects.values_list("key", flat=True)) == {str(n) for n in range(there)[-3:]}
