"""WhatsApp, through Twilio's real client and a Twilio that speaks its API: what is sent."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from core.models import DeliveryStatus, OutboxMessage, Ticket, User
from core.notifications import twilio
from core.notifications.channel import Misconfigured
from core.notifications.channels import whatsapp as module
from core.notifications.deliver import drain
from core.notifications.message import Outgoing
from tests.fakes.twilio import FakeTwilio
from tests.fakes.twilio_messages import WhatsApp
from tests.notifications.support import SENT, row_of
from tests.stack import TWILIO_WHATSAPP_FROM

ADA = "+12025550101"
SID, OTHER_SID = "HX" + "a" * 32, "HX" + "b" * 32
LETTER = Outgoing(
    delivery_id=1,
    attempt_id=1,
    recipient_id=1,
    locale="en",
    event="ticket_created",
    resource="ticket-42",
    number="INC-000042",
    subject="A subject",
    text="A text",
    link="http://testserver/n/0123456789abcdef/",
    created_at=datetime.now(UTC),
)
Arrive = Callable[[Outgoing], WhatsApp]


@pytest.fixture
def arrive(whatsapp: FakeTwilio) -> Arrive:
    def sent(message: Outgoing) -> WhatsApp:
        sid = module.channel.send(f"whatsapp:{ADA}", message)
        received = whatsapp.take(ADA)
        assert received.sid == sid
        return received

    return sent


def test_a_message_goes_from_our_number_to_the_persons_with_the_link(
    told: Ticket, ada: User, whatsapp: FakeTwilio
) -> None:
    drain("WHATSAPP")
    row, received = row_of(ada, "WHATSAPP"), whatsapp.take(ADA)
    assert received.form == {
        "To": f"whatsapp:{ADA}",
        "From": f"whatsapp:{TWILIO_WHATSAPP_FROM}",
        "Body": f"Cleo Client raised ticket: {told.title}\nhttp://testserver/n/{row.link_key}/",
        "StatusCallback": twilio.status_callback(row.pk, row.delivery_attempts.get().pk),
    }
    assert (row.status, row.provider_id) == (SENT, received.sid)


@pytest.mark.parametrize("length", [1_561, 1_562, 1_563, 5_000])
def test_a_long_text_is_cut_and_the_link_kept(length: int, arrive: Arrive) -> None:
    room = 1_600 - len(LETTER.link) - 1
    body = arrive(replace(LETTER, text="ä" * length)).body
    assert len(body) <= 1_600
    assert body.endswith(f"\n{LETTER.link}")
    assert ("…" in body) is (length > room)


@pytest.mark.parametrize(
    ("sids", "expected"),
    [
        ({"ticket_created": SID, "default": OTHER_SID}, SID),
        ({"ticket_opened": SID, "default": OTHER_SID}, OTHER_SID),
        ({"default": SID}, SID),
        ({"ticket_opened": SID}, None),
        ({}, None),
    ],
)
def test_a_template_is_the_events_own_or_the_default_or_none(
    sids: dict[str, str], expected: str | None, arrive: Arrive, settings: Settings
) -> None:
    settings.TWILIO_CONTENT_SIDS = sids
    form = arrive(LETTER).form
    assert form.get("ContentSid") == expected
    assert ("Body" in form) is (expected is None)


def test_a_template_gets_number_text_and_link(arrive: Arrive, settings: Settings, whatsapp: FakeTwilio) -> None:
    settings.TWILIO_CONTENT_SIDS = {"default": SID}
    whatsapp.templates[SID] = "[{{1}}] {{2}} → {{3}}"
    received = arrive(replace(LETTER, text="Two\nlines,\t and   a gap"))
    assert json.loads(received.form["ContentVariables"]) == {
        "1": "INC-000042",
        "2": "Two lines, and a gap",
        "3": LETTER.link,
    }
    assert received.body == f"[INC-000042] Two lines, and a gap → {LETTER.link}"


def test_no_variable_of_a_template_is_empty(arrive: Arrive, settings: Settings) -> None:
    settings.TWILIO_CONTENT_SIDS = {"default": SID}
    variables = json.loads(arrive(replace(LETTER, number="")).form["ContentVariables"])
    assert variables == {"1": "-", "2": "A text", "3": LETTER.link}


def test_a_long_text_is_cut_in_a_template_too(arrive: Arrive, settings: Settings) -> None:
    settings.TWILIO_CONTENT_SIDS = {"default": SID}
    variables = json.loads(arrive(replace(LETTER, text="wort " * 1_000)).form["ContentVariables"])
    assert len("".join(variables.values())) < 1_024
    assert variables["2"].endswith("…")
    assert variables["3"] == LETTER.link


def test_who_has_no_number_is_skipped(told: Ticket, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(phone_number="")
    drain("WHATSAPP")
    row = row_of(ada, "WHATSAPP")
    assert (row.status, row.error, row.attempts) == (DeliveryStatus.SKIPPED, "no_phone_number", 0)
    assert not row.delivery_attempts.exists()


@pytest.mark.parametrize("missing", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_WHATSAPP_FROM"])
def test_without_an_account_it_goes_to_the_outbox_in_demo_mode_only(missing: str, settings: Settings, db: None) -> None:
    setattr(settings, missing, "")
    address = f"whatsapp:{ADA}"
    with pytest.raises(Misconfigured, match="missing_credentials"):
        module.channel.send(address, LETTER)
    settings.DEMO = True
    for _ in range(2):
        assert module.channel.send(address, LETTER) == LETTER.link_path
    kept = OutboxMessage.objects.get()
    assert (kept.channel, kept.recipient, kept.body) == ("WHATSAPP", address, f"A text\n{LETTER.link}")
    assert module.channel.look_up(address, LETTER) is None


def test_a_code_in_a_template_is_found_again_by_itself(arrive: Arrive, settings: Settings) -> None:
    settings.TWILIO_CONTENT_SIDS = {"phone_code": SID}
    letter = replace(LETTER, event="phone_code", code="123456")
    received = arrive(letter)
    assert LETTER.link_path not in received.body
    assert module.channel.look_up(f"whatsapp:{ADA}", letter) == received.sid
    assert module.channel.look_up(f"whatsapp:{ADA}", replace(letter, code="654321")) is None
