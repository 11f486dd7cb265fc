"""What was said among staff stays there, also when somebody is staff no more."""

import threading
from collections.abc import Callable

import pytest
from django.db import transaction

from core.actions import tickets, users
from core.models import DeliveryStatus, Feed, NotificationLog, Role, Ticket, User
from tests.conftest import hush, person
from tests.notifications.support import at_once, wait_until
from tests.notifications.test_feed_races import somebody_waits, two_writers
from tests.tickets import Api

SECRET = "The vendor has no idea either."


@pytest.fixture
def eve(db: None) -> User:
    """Staff, so far."""
    return person("eve", Role.ADMIN, 6)


@pytest.fixture
def ticket(eve: User, ada: User, dan: User) -> Ticket:
    """Raised by Eve, and Dan works on it."""
    ticket = tickets.create(actor=eve, title="Blank page", description="Since this morning.")
    tickets.assign(actor=ada, ticket_id=ticket.pk, assigned_to=[dan.pk])
    hush(ticket.pk)
    return ticket


def test_who_became_a_client_meanwhile_gets_no_internal_comment(
    api: Api, ada: User, dan: User, eve: User, ticket: Ticket, deliver: Callable[[], None]
) -> None:
    tickets.add_comment(actor=dan, ticket_id=ticket.pk, comment=SECRET, is_internal=True)
    rows = NotificationLog.objects.filter(recipient=eve, event="comment_added")
    assert [SECRET in row.message for row in rows] == 3 * [True]
    users.change(actor=ada, account=eve, changes={"role": Role.CLIENT})
    deliver()
    ends = {row.notification_type: (row.status, row.error) for row in rows.all()}
    gone = (DeliveryStatus.CANCELLED, "ticket_out_of_sight")
    assert ends == {"SYSTEM": (DeliveryStatus.DELIVERED, ""), "EMAIL": gone, "WHATSAPP": gone}
    assert SECRET not in api(eve).get("/api/notifications/?notification_type=ALL").content.decode()
    assert not NotificationLog.objects.filter(recipient=eve, message__contains=SECRET).exists()


@two_writers
@pytest.mark.django_db(transaction=True)
def test_who_becomes_a_client_while_it_is_said_is_not_told(ada: User, dan: User, eve: User, ticket: Ticket) -> None:
    """It finds that Eve is staff, waits for her inbox, and gets it when she is a client."""
    changed = threading.Event()
    top = Feed.objects.get(user=eve).top_seq

    def change() -> None:
        with transaction.atomic():
            users.change(actor=ada, account=eve, changes={"role": Role.CLIENT})
            changed.set()
            wait_until(somebody_waits)

    def comment() -> None:
        changed.wait(5)
        tickets.add_comment(actor=dan, ticket_id=ticket.pk, comment=SECRET, is_internal=True)

    at_once(change, comment)
    assert not NotificationLog.objects.filter(recipient=eve, event="comment_added").exists()
    assert Feed.objects.get(user=eve).top_seq == top
