"""Locks that meet in another order: nobody is refused for it, and no position is lost. SQLite has one lock only."""

from functools import partial
from threading import Event

import pytest
from django.db import connection, transaction

from core.actions import inbox, suppressions, tickets
from core.models import DeliveryStatus, Feed, NotificationLog, Role, Suppression, User
from core.notifications import positions
from tests.actions.test_ticket_races import assert_feeds_fit, somebody_waits_for_a_lock, together
from tests.conftest import MakeTicket
from tests.notifications.support import wait_until
from tests.tickets import newcomers

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="needs PostgreSQL"),
]
ADMINS, AT_ONCE = 20, 50


def test_fifty_tickets_raised_at_once_are_told_to_twenty_admins_without_a_hole(cleo: User) -> None:
    """Each takes the feeds of all twenty, which had none before the first."""
    admins = newcomers(Role.ADMIN, ADMINS)
    create = partial(tickets.create, actor=cleo, title="Blank page", description="Since this morning.")
    assert together(*AT_ONCE * [create]) == {"Ticket": AT_ONCE}
    tops = Feed.objects.filter(user__in=admins).values_list("top_seq", flat=True)
    assert list(tops) == ADMINS * [AT_ONCE]
    assert_feeds_fit()


def test_reading_while_somebody_comments_on_the_same_ticket_is_no_deadlock(
    make_ticket: MakeTicket, dan: User, cleo: User
) -> None:
    """One holds the inbox and looks at the ticket in the end, the other holds the ticket and waits for the inbox."""
    ticket, holding = make_ticket(assigned_to=[dan]), Event()
    told = NotificationLog.objects.get(recipient=dan, notification_type="SYSTEM")

    def read() -> None:
        with transaction.atomic():
            inbox.archive(user=dan, notification_id=told.pk)
            holding.set()
            wait_until(somebody_waits_for_a_lock, within=10)

    def comment() -> None:
        holding.wait()
        tickets.add_comment(actor=cleo, ticket_id=ticket.pk, comment="Still blank.")

    assert together(read, comment) == {"NoneType": 2}
    assert Feed.objects.get(pk=dan.pk).top_seq == 3


def test_a_bounce_of_a_mail_that_said_much_meets_the_inbox_without_a_deadlock(
    make_ticket: MakeTicket, dan: User
) -> None:
    """One holds the inbox and a later row, and comes to an earlier one; the other marks both."""
    for _ in range(2):
        make_ticket(assigned_to=[dan], quiet=False)
    mails = NotificationLog.objects.filter(recipient=dan, notification_type="EMAIL").order_by("pk")
    mails.update(status=DeliveryStatus.SENT, provider_id="digest-1", next_attempt_at=None)
    earlier, later = mails
    holding = Event()

    def read() -> None:
        with transaction.atomic():
            positions.lock([dan.pk])
            NotificationLog.objects.filter(pk=later.pk).update(is_read=True)
            holding.set()
            wait_until(somebody_waits_for_a_lock, within=10)
            NotificationLog.objects.filter(pk=earlier.pk).update(is_read=True)

    def bounce() -> None:
        holding.wait()
        suppressions.suppress(address=dan.email, cause=Suppression.Cause.BOUNCED, provider_id="digest-1")

    assert together(read, bounce) == {"NoneType": 2}
    assert set(mails.values_list("status", "is_read")) == {(DeliveryStatus.FAILED, True)}
