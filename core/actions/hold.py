"""A ticket waits for something, and goes on."""

from django.db import transaction

from core.actions.step import Step, Versions
from core.models import Status, Ticket, User


def hold(*, actor: User, ticket_id: int, comment: str, if_version: Versions = None) -> Ticket:
    """An assigned developer or an admin stops the clocks; creator and assignees are told why."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("hold", if_version)
        return step.finish("hold", tell=["ticket_on_hold"], comment=comment)


def resume(*, actor: User, ticket_id: int, if_version: Versions = None) -> Ticket:
    """The ticket goes back to the status it was held from; creator and assignees are told."""
    with transaction.atomic():
        step = Step.on(ticket_id, actor)
        step.take("resume", if_version)
        step.move(held_from(step.ticket))
        return step.finish("resume", tell=["ticket_resumed"])


def held_from(ticket: Ticket) -> Status:
    """As its history says."""
    return Status(ticket.history.filter(action="hold").latest("version").from_status)
