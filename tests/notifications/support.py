"""What the tests of the pipeline share."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from core.actions.step import facts_of
from core.domain.change import Change, Person
from core.models import DeliveryStatus, NotificationLog, Ticket, User
from core.notifications.channel import Channel
from core.notifications.message import Outgoing

PENDING, SENDING, SENT = DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.SENT


class Pigeon(Channel):
    """A channel that does as told: each plan is what one send returns, raises or does; without a plan it arrives."""

    key = "PIGEON"
    no_address = "no_loft"

    def __init__(self) -> None:
        self.plans: deque[str | Exception | Callable[[], object]] = deque()
        self.found: str | Exception | Callable[[], None] | None = None  # what looking up says or does
        self.sent: list[Outgoing] = []
        self.looked_up: list[Outgoing] = []

    def address(self, user: User) -> str | None:
        if user.username == "homeless":
            raise LookupError("a bug")
        return f"loft of {user.username}" if user.username else None

    def send(self, address: str, message: Outgoing) -> str:
        self.sent.append(message)
        plan = self.plans.popleft() if self.plans else f"flight-{message.delivery_id}"
        if isinstance(plan, Exception):
            raise plan
        return plan if isinstance(plan, str) else str(plan())

    def look_up(self, address: str, message: Outgoing) -> str | None:
        self.looked_up.append(message)
        if isinstance(self.found, Exception):
            raise self.found
        return self.found() if callable(self.found) else self.found


def row_of(user: User, channel: str, event: str = "ticket_created") -> NotificationLog:
    return NotificationLog.objects.get(recipient=user, notification_type=channel, event=event)


def make_due(*rows: NotificationLog) -> None:
    """Let the time of the next attempt come, of these rows or of all that wait."""
    waiting = NotificationLog.objects.filter(status=PENDING)
    if rows:
        waiting = waiting.filter(pk__in=[row.pk for row in rows])
    waiting.update(next_attempt_at=timezone.now())


def end_leases() -> None:
    """Let every lease end."""
    NotificationLog.objects.filter(status=SENDING).update(lease_until=timezone.now() - timedelta(seconds=1))


def change_of(ticket: Ticket, event: str, *, actor: User, key: str = "", **people: Sequence[int]) -> Change:
    """A change of `ticket`, as a verb would announce it."""
    return Change(
        event=event,
        key=key or f"{event}:{ticket.pk}:test",
        at=timezone.now(),
        actor=Person(actor.pk, actor.username, actor.full_name),
        ticket=facts_of(ticket),
        creator_id=ticket.created_by_id,
        **{name: tuple(ids) for name, ids in people.items()},  # type: ignore[arg-type]
    )


def wait_until(condition: Callable[[], Any], *, within: float = 10) -> None:
    """Poll until `condition()` is true; fail when it does not become so."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {condition}")
        time.sleep(0.01)


def at_once(*calls: Callable[[], object]) -> None:
    """Run these at the same time, each in a thread with a database connection of its own."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        start.wait(30)
        try:
            call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        running = [pool.submit(run, call) for call in calls]
        wait(running, timeout=30)
    for one in running:
        one.result()
