"""What lists may be narrowed by."""

from core.filters.notifications import NotificationFilterSet
from core.filters.tickets import TicketFilterSet

__all__ = ["NotificationFilterSet", "TicketFilterSet"]
