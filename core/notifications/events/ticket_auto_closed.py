"""Nobody approved or rejected a resolved ticket for days: it was closed by itself."""

from core.notifications.event import Event, Group, example_change
from core.notifications.message import Message

event = Event(
    key="ticket_auto_closed",
    audience=(Group.CREATOR, Group.ASSIGNEES, Group.ADMINS),
    words={
        "en": Message("{number} closed: {title}", "Resolved for {days} days, a ticket was closed by itself: {title}"),
        "de": Message(
            "{number} geschlossen: {title}",
            "Seit {days} Tagen erledigt, wurde ein Ticket von selbst geschlossen: {title}",
        ),
        "es": Message("{number} cerrado: {title}", "Tras {days} días resuelto, un ticket se ha cerrado solo: {title}"),
        "ko": Message("{number} 종료됨: {title}", "해결된 지 {days}일이 지나 티켓이 자동으로 종료되었습니다: {title}"),
    },
    example=example_change("ticket_auto_closed", facts=(("days", "7"),)),
)
