"""From the request to the mail server and to Twilio, while nothing else goes on."""

import random
import sys
import time
from statistics import median

from django.conf import settings

from bench.client import Client, access
from bench.people import person
from bench.results import Row
from bench.timing import p99
from bench.world import product, started
from core.models import Role
from tests.conftest import port_of
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio

ROUNDS = 200
LATE = 20.0  # seconds; what has not come by then is lost
PAUSE = 0.2  # seconds, at most
WORKER = [sys.executable, "-m", "celery", "-A", "Management", "worker", "--loglevel", "WARNING"]
TICKET = {"title": "The till is dead", "description": "It does not even blink."}


def measure() -> list[Row]:
    """Both servers are the tests' own and answer at once."""
    admin, cleo = person("admin", Role.ADMIN), person("cleo", Role.CLIENT)
    mailbox = FakeSmtp(port_of("EMAIL_URL"))
    twilio = FakeTwilio(
        port_of("TWILIO_API_URL"),
        account=settings.TWILIO_ACCOUNT_SID,
        token=settings.TWILIO_AUTH_TOKEN,
        sender=settings.TWILIO_WHATSAPP_FROM,
    )
    mailbox.start()
    twilio.start()
    with product() as server, started(*WORKER, RATE_PER_RECIPIENT="0"):
        client, mails, messages = Client(server.port, access(cleo)), [], []
        for _ in range(1 + ROUNDS):
            began = time.monotonic()
            client.call("POST", "/api/tickets/", TICKET)
            twilio.take(str(admin.phone_number), within=LATE)
            messages.append(time.monotonic() - began)
            mails.append(mailbox.take(admin.email, within=LATE).came_at - began)
            time.sleep(random.uniform(0, PAUSE))
    mailbox.stop()
    twilio.stop()
    return [row("the mail server", mails[1:], 1_000), row("Twilio", messages[1:], 2_000)]


def row(where: str, times: list[float], goal: float) -> Row:
    """The first round is not in it: it imports and connects."""
    note = f"median {median(times) * 1e3:.0f} ms of {len(times)}"
    return Row(f"from the request to {where}, idle, p99", "ms", p99(times) * 1e3, None, goal, note=note)
