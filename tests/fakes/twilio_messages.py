"""Messages of the fake Twilio: what it accepts, what it refuses, and how it shows them."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

ADDRESS = re.compile(r"whatsapp:\+[1-9]\d{6,14}")
CONTENT_SID = re.compile(r"HX[0-9a-f]{32}")
MAX_BODY = 1_600


class ApiError(Exception):
    """An error answer of Twilio's."""

    def __init__(self, status: int, code: int, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


class Report(NamedTuple):
    """What became of a message; `code` says why it failed."""

    status: str
    code: int = 0


@dataclass(frozen=True)
class WhatsApp:
    """One accepted message; `to` and `sender` are E.164 numbers, `form` is the request as it came."""

    to: str
    sender: str
    body: str
    form: dict[str, str] = field(repr=False)
    sid: str = field(default_factory=lambda: f"SM{uuid4().hex}")
    sent_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    reports: list[Report] = field(default_factory=list, repr=False, compare=False)

    def __str__(self) -> str:
        return f"to {self.to}: {self.body}"


@dataclass(frozen=True)
class Fault:
    """What happens to one request: an error answer, or no answer at all (`status` 0), at once when it `resets`.

    `accepted`: the message goes out all the same, so only a look at the list can tell. `text`: is not Twilio's.
    """

    status: int = 0
    code: int = 0
    retry_after: int | None = None
    accepted: bool = False
    text: str = ""
    resets: bool = False

    @property
    def hangs(self) -> bool:
        return not (self.status or self.resets)


def check_addresses(form: dict[str, str], sender: str) -> None:
    if not ADDRESS.fullmatch(form.get("To", "")):
        raise ApiError(400, 21211, f"Invalid 'To' Phone Number: {form.get('To')}")
    if form.get("From") != f"whatsapp:{sender}":
        raise ApiError(400, 63007, "Twilio could not find a Channel with the specified From address")


def check_window(form: dict[str, str], closed: set[str]) -> None:
    """Words of one's own go only to who has written within 24 hours."""
    if "Body" in form and form["To"].removeprefix("whatsapp:") in closed:
        raise ApiError(400, 63016, "Failed to send freeform message because you are outside the allowed window.")


def text_of(form: dict[str, str], templates: dict[str, str]) -> str:
    """What the person reads: the body, or the template with its variables."""
    if "ContentSid" in form:
        return rendered(form, templates)
    if not form.get("Body"):
        raise ApiError(400, 21602, "Message body is required.")
    if len(form["Body"]) > MAX_BODY:
        raise ApiError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    return form["Body"]


def rendered(form: dict[str, str], templates: dict[str, str]) -> str:
    if not CONTENT_SID.fullmatch(form["ContentSid"]):
        raise ApiError(400, 21655, "The ContentSid is invalid")
    try:
        variables = json.loads(form.get("ContentVariables", "{}"))
        text = templates.get(form["ContentSid"], " ".join(f"{{{{{name}}}}}" for name in sorted(variables)))
        for name, value in variables.items():
            text = text.replace(f"{{{{{name}}}}}", value)
    except (ValueError, TypeError, AttributeError) as error:
        raise ApiError(400, 21656, "The ContentVariables parameter is invalid") from error
    return text


def as_json(message: WhatsApp, account: str, *, status: str) -> dict[str, Any]:
    """A message as the API shows it. Just queued, it has not been sent yet."""
    report = message.reports[-1] if message.reports else Report(status)
    date = f"{message.sent_at:%a, %d %b %Y %H:%M:%S} +0000"
    path = f"/2010-04-01/Accounts/{account}/Messages/{message.sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": date,
        "date_sent": None if status == "queued" else date,
        "date_updated": date,
        "direction": "outbound-api",
        "error_code": report.code or None,
        "error_message": "Told to report this" if report.code else None,
        "from": f"whatsapp:{message.sender}",
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": None,
        "sid": message.sid,
        "status": report.status,
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": f"whatsapp:{message.to}",
        "uri": f"{path}.json",
    }
