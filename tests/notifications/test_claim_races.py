"""Senders and readers touch the same rows at the same time, in real transactions."""

import time

import pytest

from core.actions import inbox
from core.models import NotificationLog, User
from core.notifications.claims import claim, give_back, renew
from tests.conftest import MakeTicket
from tests.notifications.support import at_once


@pytest.mark.django_db(transaction=True)
def test_inbox_and_sender_do_not_deadlock_over_one_persons_rows(make_ticket: MakeTicket, ada: User) -> None:
    for _ in range(15):
        make_ticket(quiet=False)
    keys = list(NotificationLog.objects.filter(recipient=ada).values_list("pk", flat=True))
    enough = time.monotonic() + 3

    def send() -> None:
        while time.monotonic() < enough:
            taken = claim("EMAIL")
            for row in taken.rows:
                assert renew(taken.token, row)
            give_back(taken.token, taken.rows)

    def read() -> None:
        while time.monotonic() < enough:
            inbox.mark_read(user=ada, ids=keys)
            for key in keys[::3]:
                inbox.mark_unread(user=ada, notification_id=key)

    at_once(send, read)  # fails when either fails
    NotificationLog.objects.exclude(notification_type="SYSTEM").update(status="CANCELLED", next_attempt_at=None)
