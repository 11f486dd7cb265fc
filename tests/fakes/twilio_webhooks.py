"""The webhooks that the fake Twilio calls: what they say, and Twilio's signature under it."""

from typing import Any

import requests
from twilio.request_validator import RequestValidator

from tests.fakes.twilio_messages import WhatsApp

TIMEOUT = 5.0  # seconds


def signature(url: str, form: dict[str, str], token: str) -> str:
    """As Twilio computes it: https://www.twilio.com/docs/usage/security#validating-requests."""
    return str(RequestValidator(token).compute_signature(url, form))


def over_http(url: str, form: dict[str, str], headers: dict[str, str]) -> int:
    """Call a real server."""
    return requests.post(url, data=form, headers=headers, timeout=TIMEOUT).status_code


def status_form(message: WhatsApp, account: str) -> dict[str, Any]:
    """What Twilio says of a message's last change."""
    status, code = message.reports[-1]
    form = {
        "AccountSid": account,
        "ApiVersion": "2010-04-01",
        "ChannelInstallSid": "XE" + "0" * 32,
        "ChannelPrefix": "whatsapp",
        "ChannelToAddress": message.to,
        "From": f"whatsapp:{message.sender}",
        "MessageSid": message.sid,
        "MessageStatus": status,
        "SmsSid": message.sid,
        "SmsStatus": status,
        "StructuredMessage": "false",
        "To": f"whatsapp:{message.to}",
    }
    more = {"EventType": status.upper()} if status in ("delivered", "read", "undelivered") else {}
    failed = {"ErrorCode": str(code), "ChannelStatusMessage": "Told to report this"} if code else {}
    return form | more | failed
