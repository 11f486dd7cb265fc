"""Messages to the webhook for what people write to us."""

import pytest

from core.models import Status, Ticket, User
from core.notifications.deliver import drain
from tests.api.webhooks.inbound import URL, Write
from tests.conftest import MakeTicket
from tests.fakes.twilio import FakeTwilio
from tests.fakes.twilio_webhooks import Answer


@pytest.fixture
def write(whatsapp: FakeTwilio, db: None) -> Write:
    """`write(dan, "ack")`: a message of Dan's."""

    def written(user: User, text: str, **more: str) -> Answer:
        return whatsapp.receive(URL, str(user.phone_number), text, **more)

    return written


@pytest.fixture
def ticket(make_ticket: MakeTicket, dan: User) -> Ticket:
    """Open, and Dan is on it; nobody has been told yet."""
    return make_ticket(Status.OPEN, assigned_to=[dan], quiet=False)


@pytest.fixture
def told(ticket: Ticket, dan: User, whatsapp: FakeTwilio) -> str:
    """Twilio's id of the message by which Dan heard of his assignment."""
    drain("WHATSAPP")
    sent = whatsapp.take(str(dan.phone_number)).sid
    whatsapp.take_all()
    return sent
