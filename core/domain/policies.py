"""Who sees a ticket and who may edit it. `TicketQuerySet.visible_to` says the same in SQL; a test compares them."""

from datetime import datetime

from core.domain.errors import NotAllowed
from core.domain.subjects import SomeTicket
from core.domain.transitions import FINAL, Part, wrong_state
from core.models.choices import Role, Status


def sees_ticket(part: Part) -> bool:
    """ADMIN all, DEVELOPER those assigned to it and those it watches, CLIENT those it created."""
    works_on_it = part.is_assignee or part.is_watcher
    by_role = {Role.ADMIN: True, Role.DEVELOPER: works_on_it, Role.CLIENT: part.is_creator}
    return by_role[Role(part.role)]


def sees_internal(role: str) -> bool:
    """Internal comments are for staff."""
    return role != Role.CLIENT


def require_may_create(role: str) -> None:
    """Clients and admins raise tickets; developers do not."""
    if role == Role.DEVELOPER:
        raise NotAllowed


def require_may_delete(part: Part) -> None:
    """ADMIN, in every status."""
    if part.role != Role.ADMIN:
        raise NotAllowed


def require_may_edit(status: str, part: Part) -> None:
    """ADMIN always, the creator while the ticket is NEW."""
    if part.role != Role.ADMIN and not (part.is_creator and status == Status.NEW):
        raise NotAllowed


def require_editable(ticket: SomeTicket, part: Part, now: datetime) -> None:
    """CLOSED and CANCELLED tickets stay as they are."""
    if ticket.status in FINAL:
        raise wrong_state("edit", ticket, part, now)
