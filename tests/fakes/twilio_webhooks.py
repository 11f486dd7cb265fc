"""The webhooks that the fake Twilio calls: what they say, and Twilio's signature under it."""

import uuid
from typing import Any, NamedTuple
from xml.etree import ElementTree

import requests
from twilio.request_validator import RequestValidator

from tests.fakes.twilio_messages import WhatsApp

TIMEOUT = 5.0  # seconds


class Answer(NamedTuple):
    """Of a webhook."""

    status: int
    text: str

    @property
    def messages(self) -> list[str]:
        """What its TwiML says to whoever wrote."""
        return [message.text or "" for message in ElementTree.fromstring(self.text).iter("Message")]


def signature(url: str, form: dict[str, str], token: str) -> str:
    """As Twilio computes it: https://www.twilio.com/docs/usage/security#validating-requests."""
    return str(RequestValidator(token).compute_signature(url, form))


def over_http(url: str, form: dict[str, str], headers: dict[str, str]) -> Answer:
    """Call a real server."""
    response = requests.post(url, data=form, headers=headers, timeout=TIMEOUT)
    return Answer(response.status_code, response.text)


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


def inbound_form(number: str, body: str, *, account: str, sender: str, replied_to: str, more: dict[str, str]) -> Any:
    """What Twilio says of a message that somebody wrote to us."""
    sid = f"SM{uuid.uuid4().hex}"
    form = {
        "AccountSid": account,
        "ApiVersion": "2010-04-01",
        "Body": body,
        "From": f"whatsapp:{number}",
        "MessageSid": sid,
        "MessageType": "text",
        "NumMedia": "0",
        "NumSegments": "1",
        "ProfileName": "Somebody",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": f"whatsapp:{sender}",
        "WaId": number.removeprefix("+"),
    }
    quoted = {"OriginalRepliedMessageSid": replied_to, "OriginalRepliedMessageSender": f"whatsapp:{sender}"}
    return form | (quoted if replied_to else {}) | more
