"""What lists may be narrowed by."""

from core.filters.jobs import TaskFilterSet, TaskRowFilterSet
from core.filters.notifications import NotificationFilterSet
from core.filters.questions import AnswerFilterSet, QuestionFilterSet
from core.filters.ticket_export import TicketExportFilterSet
from core.filters.ticket_notifications import TicketNotificationFilterSet
from core.filters.ticket_stats import TicketStatsFilterSet
from core.filters.tickets import TicketFilterSet
from core.filters.users import UserFilterSet

__all__ = [
    "AnswerFilterSet",
    "NotificationFilterSet",
    "QuestionFilterSet",
    "TaskFilterSet",
    "TaskRowFilterSet",
    "TicketExportFilterSet",
    "TicketFilterSet",
    "TicketNotificationFilterSet",
    "TicketStatsFilterSet",
    "UserFilterSet",
]
