"""What the matrix stands on: a ticket in any status with Dan on it, led there by the verbs."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from core.actions import tickets
from core.models import Assignment, Status, Ticket, User
from tests.conftest import MakeTicket, hush

WAY = {Status.ON_HOLD: Status.IN_PROGRESS, Status.CANCELLED: Status.OPEN}


def led_to(make_ticket: MakeTicket, status: Status, creator: User, dan: User) -> Ticket:
    """`creator`'s ticket. Dan is on it also while it is NEW, as no verb would have it."""
    team = [] if status == Status.NEW else [dan]
    ticket = make_ticket(WAY.get(status, status), created_by=creator, assigned_to=team)
    admin = User.objects.get(username="ada")
    if status == Status.NEW:
        Assignment.objects.create(ticket=ticket, user=dan, assigned_by=admin, assigned_at=ticket.created_at)
    if status == Status.ON_HOLD:
        tickets.hold(actor=dan, ticket_id=ticket.pk, comment="Waiting for the vendor.")
    if status == Status.CANCELLED:
        tickets.cancel(actor=admin, ticket_id=ticket.pk, comment="Raised by mistake.")
    hush(ticket.pk)
    return Ticket.objects.get(pk=ticket.pk)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside has not happened afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
