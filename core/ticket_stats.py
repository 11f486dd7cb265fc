"""Numbers about tickets, in as many queries for 50,000 of them as for none."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import TruncDate

from core.domain.sla import CLOCKS, Clock
from core.filters.sla import breached
from core.models import Priority, Status, Ticket, TicketHistory

Tickets = QuerySet[Ticket]


def stats(tickets: Tickets, *, days: int, now: datetime) -> dict[str, Any]:
    """Counts, breaches and medians of `tickets`, and how many were created and closed on each of the last days."""
    tickets = tickets.order_by()
    found = tickets.aggregate(
        total=Count("pk"),
        **{f"status_{status}": Count("pk", filter=Q(status=status)) for status in Status.values},
        **{f"priority_{priority}": Count("pk", filter=Q(priority=priority)) for priority in Priority.values},
        **{f"breached_{name}": Count("pk", filter=breached(clock, now)) for name, clock in CLOCKS.items()},
        **{f"done_{name}": Count(clock.done) for name, clock in CLOCKS.items()},
    )
    return {
        "total": found["total"],
        "by_status": {status: found[f"status_{status}"] for status in Status.values},
        "by_priority": {priority: found[f"priority_{priority}"] for priority in Priority.values},
        "sla_breaches": {name: found[f"breached_{name}"] for name in CLOCKS},
        "median_seconds": {name: median(tickets, clock, found[f"done_{name}"]) for name, clock in CLOCKS.items()},
        "per_day": per_day(tickets, last_days(days, now)),
    }


def median(tickets: Tickets, clock: Clock, many: int) -> float | None:
    """Seconds from creation until it was done, holds included; of two in the middle what lies between."""
    taken = ExpressionWrapper(F(clock.done) - F("created_at"), output_field=DurationField())
    done = tickets.filter(**{f"{clock.done}__isnull": False}).order_by(taken).values_list(taken, flat=True)
    middle = [wait.total_seconds() for wait in done[max(many - 1, 0) // 2 : many // 2 + 1]]
    return sum(middle) / len(middle) if middle else None


def last_days(many: int, now: datetime) -> list[date]:
    """Today in UTC and the days before, oldest first."""
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=ago) for ago in reversed(range(many))]


def per_day(tickets: Tickets, days: list[date]) -> list[dict[str, Any]]:
    """Closed counts as history has it: reopening a ticket does not undo that it was closed."""
    closings = TicketHistory.objects.filter(ticket__in=tickets.values("pk"), to_status=Status.CLOSED)
    created = on_days(tickets, days[0])
    closed = on_days(closings.exclude(from_status=Status.CLOSED).order_by(), days[0])
    return [{"date": day, "created": created.get(day, 0), "closed": closed.get(day, 0)} for day in days]


def on_days(rows: Tickets | QuerySet[TicketHistory], first: date) -> dict[date, int]:
    """How many were made on each day since `first`; days without any are left out."""
    since = rows.filter(created_at__gte=datetime.combine(first, time(), UTC))
    return dict(since.values_list(TruncDate("created_at", tzinfo=UTC)).annotate(many=Count("pk")))
