"""What each provider calls a bounce, and which of them are for good."""

import json
from typing import Any

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from core.domain.bounces import FOR_GOOD
from core.views.mail_reports import cause_of, reader_of

KEYS = dict.fromkeys(("WEBHOOK_SECRET", "MAILGUN_WEBHOOK_SIGNING_KEY", "MANDRILL_WEBHOOK_KEY"), "key")
TO = "dan@example.com"


def brevo(event: str) -> Any:
    return {"event": event, "email": TO, "ts_epoch": 1, "message-id": "<1@example.com>"}


def mailgun(severity: str, reason: str, message: str) -> Any:
    data = {"event": "failed", "severity": severity, "reason": reason, "id": "1", "timestamp": 1.0, "recipient": TO}
    status = {"code": 550, "message": message}
    more = {"message": {"headers": {"message-id": "1"}}, "delivery-status": status}
    return {"signature": {}, "event-data": data | more}


def mailjet(*, hard: bool, error: str) -> Any:
    said = {"event": "bounce", "time": 1, "MessageID": 1, "email": TO, "blocked": False, "hard_bounce": hard}
    return said | {"error_related_to": "recipient", "error": error}


def mandrill(event: str, words: str) -> Any:
    said = {"email": TO, "_id": "1", "bounce_description": words, "diag": "smtp;550"}
    return {"mandrill_events": json.dumps([{"event": event, "_id": "1", "ts": 1, "msg": said}])}


def postmark(kind: str) -> Any:
    return {"RecordType": "Bounce", "Type": kind, "Description": "…", "Email": TO, "MessageID": "1"}


def sparkpost(kind: str) -> Any:
    said = {"type": "bounce", "bounce_class": kind, "raw_rcpt_to": TO, "transmission_id": "1", "timestamp": "1"}
    return [{"msys": {"message_event": said}}]


CASES = [
    ("brevo", brevo("hard_bounce"), True),
    ("brevo", brevo("soft_bounce"), False),
    ("brevo", brevo("blocked"), False),
    ("mailgun", mailgun("permanent", "bounce", "No such user"), True),
    ("mailgun", mailgun("permanent", "generic", "5.1.1 no such user"), True),
    ("mailgun", mailgun("permanent", "generic", "5.7.1 looks like spam"), False),
    ("mailgun", mailgun("temporary", "generic", "4.2.2 mailbox full"), False),
    ("mailjet", mailjet(hard=True, error="user unknown"), True),
    ("mailjet", mailjet(hard=False, error="quota exceeded"), False),
    ("mandrill", mandrill("hard_bounce", "bad_mailbox"), True),
    ("mandrill", mandrill("soft_bounce", "mailbox_full"), False),
    ("postmark", postmark("HardBounce"), True),
    ("postmark", postmark("BadEmailAddress"), True),
    ("postmark", postmark("SoftBounce"), False),
    ("postmark", postmark("Transient"), False),
    *[("sparkpost", sparkpost(kind), kind in {"10", "30"}) for kind in ("10", "20", "22", "23", "30", "70", "90")],
]


@pytest.mark.parametrize(("esp", "payload", "for_good"), CASES)
def test_what_is_for_good_ends_mail_to_an_address(settings: Settings, esp: str, payload: Any, for_good: bool) -> None:
    settings.ANYMAIL = KEYS
    options: dict[str, Any] = {} if esp == "mandrill" else {"content_type": "application/json"}
    events = reader_of(esp)().parse_events(RequestFactory().post("/", payload, **options))
    assert [event.recipient for event in events] == [TO]
    assert [cause_of(event, esp) for event in events] == ["bounced" if for_good else None]


def test_every_provider_is_understood() -> None:
    assert {esp for esp, _, for_good in CASES if for_good} == set(FOR_GOOD)
