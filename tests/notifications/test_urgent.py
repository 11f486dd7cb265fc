"""What is critical: claimed first, sent in a lane of its own, however much waits."""

import re
import time
import uuid
from datetime import datetime, timedelta

import pytest
from celery.worker import state
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from core.models import NotificationLog, Priority, Ticket, User
from core.notifications import queue
from core.notifications.claims import BATCH, abandoned, channels_with_work, claim, waiting
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp, Step
from tests.notifications import broker
from tests.notifications.support import at_once, end_leases


def pile_up(count: int, recipient: User, due: datetime) -> None:
    """So many mails of low priority."""
    now = timezone.now()
    NotificationLog.objects.bulk_create(
        NotificationLog(
            recipient=recipient,
            notification=uuid.uuid4(),
            dedupe_key=f"pile:{number}",
            notification_type="EMAIL",
            event="channel_paused",
            reason="admin",
            resource_type="channel",
            resource_id=0,
            url="/",
            subject="Low priority",
            message="Nothing urgent.",
            created_at=now,
            next_attempt_at=due,
            seq=0,
            changed_seq=0,
            unread_seq=0,
        )
        for number in range(count)
    )


def test_what_is_critical_is_claimed_first(told: Ticket, make_ticket: MakeTicket) -> None:
    make_ticket(quiet=False, priority=Priority.CRITICAL)
    make_ticket(quiet=False)
    assert [row.is_critical for row in claim("EMAIL", most=2).rows] == [True, False]
    assert [row.is_critical for row in claim("EMAIL").rows] == [False]


def test_an_urgent_claim_takes_only_what_is_critical(told: Ticket, make_ticket: MakeTicket) -> None:
    assert channels_with_work(["EMAIL"], urgent=True) == []
    assert claim("EMAIL", urgent=True).rows == []
    make_ticket(quiet=False, priority=Priority.CRITICAL)
    assert channels_with_work(["EMAIL"], urgent=True) == ["EMAIL"]
    assert [row.is_critical for row in claim("EMAIL", urgent=True).rows] == [True]
    end_leases()  # and what somebody began and left
    assert [row.is_critical for row in claim("EMAIL", urgent=True).rows] == [True]


def test_what_is_critical_is_woken_for_first_and_by_messages_of_its_own(told: Ticket, make_ticket: MakeTicket) -> None:
    broker.waiting()
    NotificationLog.objects.filter(notification_type="WHATSAPP").update(status="CANCELLED", next_attempt_at=None)
    make_ticket(quiet=False, priority=Priority.CRITICAL)
    queue.deliver_due()
    drains = [(*arguments, options) for task, arguments, options in broker.waiting() if task == "core.drain"]
    urgent = {"urgent": True}
    assert drains == [("EMAIL", urgent), ("WHATSAPP", urgent), ("EMAIL", {}), ("WHATSAPP", {})]


def test_what_is_not_due_costs_a_claim_nothing(told: Ticket, ada: User) -> None:
    pile_up(3_000, ada, timezone.now() + timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE core_notificationlog")
    assert "due_first" in waiting("EMAIL", is_critical=True)[:BATCH].explain()
    assert re.search(r"\bdue\b", waiting("EMAIL", is_critical=False)[:BATCH].explain())
    assert re.search(r"\bleased\b", abandoned("EMAIL")[:BATCH].explain())


@pytest.mark.django_db(transaction=True)
def test_a_critical_mail_leaves_in_time_past_ten_thousand_others(
    make_ticket: MakeTicket, ada: User, cleo: User, mailbox: FakeSmtp, settings: Settings
) -> None:
    """The mail server takes half a second for each, and both places of the lane are sending."""
    settings.RATE_PER_RECIPIENT = 0
    pile_up(10_000, cleo, timezone.now())
    mailbox.wait(0.5, step=Step.DOT)

    def bring_a_critical_one() -> None:
        try:
            mailbox.take(cleo.email, within=10)
            began = time.monotonic()
            make_ticket(quiet=False, priority=Priority.CRITICAL)
            queue.drain("EMAIL", urgent=True)
            mailbox.take(ada.email)
            took.append(time.monotonic() - began)
        finally:
            state.should_stop = 0  # type: ignore[assignment]  # the workers end with what they are sending

    took: list[float] = []
    try:
        at_once(lambda: queue.drain("EMAIL"), lambda: queue.drain("EMAIL"), bring_a_critical_one)
    finally:
        state.should_stop = None
    assert took[0] < 2
    assert {mail.to for mail in mailbox.take_all()} == {cleo.email}
