"""Who sees a ticket and who may edit it. `TicketQuerySet.visible_to` says the same in SQL; a test compares them."""

from core.domain.errors import InvalidTransition, NotAllowed
from core.domain.transitions import FINAL, Part, allowed_actions
from core.models.choices import Role, Status


def sees_ticket(part: Part) -> bool:
    """ADMIN all, DEVELOPER those assigned to it, CLIENT those it created."""
    by_role = {Role.ADMIN: True, Role.DEVELOPER: part.is_assignee, Role.CLIENT: part.is_creator}
    return by_role[Role(part.role)]


def require_may_create(role: str) -> None:
    """Clients and admins raise tickets; developers do not."""
    if role == Role.DEVELOPER:
        raise NotAllowed


def require_may_edit(status: str, part: Part) -> None:
    """ADMIN always, the creator while the ticket is NEW."""
    if part.role != Role.ADMIN and not (part.is_creator and status == Status.NEW):
        raise NotAllowed


def require_editable(status: str, part: Part) -> None:
    """CLOSED and CANCELLED tickets stay as they are."""
    if status in FINAL:
        raise InvalidTransition(action="edit", status=status, allowed_actions=allowed_actions(status, part))
