"""What the tests of POST /webhooks/twilio/inbound/ share."""

from collections.abc import Callable

from core.models import InboundMessage
from tests.fakes.twilio_webhooks import Answer

URL = "http://testserver/webhooks/twilio/inbound/"
SID = "SM" + "a" * 32
Write = Callable[..., Answer]


def last() -> InboundMessage:
    return InboundMessage.objects.select_related("user", "ticket")[0]


def outcome() -> tuple[str, str]:
    return last().outcome, last().code


def says(answer: Answer) -> str:
    assert answer.status == 200
    (message,) = answer.messages
    return message
