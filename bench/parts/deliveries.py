"""Mails a second of one worker, beside smtplib on one connection that stays open."""

import os
import smtplib
import sys
import time
from urllib.parse import urlsplit

from django.db.models import Max, Min
from django.utils import timezone

from bench.people import person, three_admins
from bench.results import Row
from bench.world import started
from core.actions import tickets
from core.models import DeliveryAttempt, DeliveryStatus, NotificationLog, Role
from core.notifications.mail import compose
from core.notifications.message import Outgoing
from tests.stack import wait_until_listening

TICKETS, SECONDS = 400, 120
WORKER = [sys.executable, "-m", "celery", "-A", "Management", "worker", "--loglevel", "WARNING"]


def measure() -> list[Row]:
    port = urlsplit(os.environ["EMAIL_URL"]).port or 25
    three_admins()
    cleo = person("cleo", Role.CLIENT)
    for number in range(TICKETS):
        tickets.create(actor=cleo, title=f"Ticket {number}", description="It is broken.")
    NotificationLog.objects.filter(notification_type="WHATSAPP").delete()
    mails = NotificationLog.objects.filter(notification_type="EMAIL")
    with started(sys.executable, "-m", "bench.sink") as sink:
        wait_until_listening(port, sink)
        before = by_smtplib(port, mails.count())
        with started(*WORKER, RATE_PER_RECIPIENT=str(TICKETS)):  # as many as each admin gets at once
            deadline = time.monotonic() + SECONDS
            while mails.exclude(status=DeliveryStatus.SENT).exists():
                if time.monotonic() > deadline:
                    raise RuntimeError("The worker did not send everything.")
                time.sleep(0.5)
        after = by_smtplib(port, mails.count())
    span = DeliveryAttempt.objects.aggregate(first=Min("started_at"), last=Max("finished_at"))
    rate = mails.count() / (span["last"] - span["first"]).total_seconds()
    return [Row("mails of one worker", "/s", rate, (before + after) / 2, 0.6, at_most=False, against="smtplib")]


def by_smtplib(port: int, number: int) -> float:
    """Mails a second on one open connection; each is composed as ours are, and nothing is written down."""
    outgoing = Outgoing(
        delivery_id=1,
        attempt_id=1,
        recipient_id=1,
        locale="en",
        event="ticket_created",
        resource="ticket-1",
        number="INC-000001",
        subject="INC-000001 created: Ticket 1",
        text="Cleo Client created ticket: Ticket 1",
        link="http://127.0.0.1/n/1",
        created_at=timezone.now(),
    )
    with smtplib.SMTP("127.0.0.1", port) as server:
        began = time.perf_counter()
        for _ in range(number):
            server.send_message(compose("admin1@example.com", outgoing).message())
        return number / (time.perf_counter() - began)
