"""What has happened, counted by the process that did it. What is so just now is read from the database: gauges.py."""

from django.utils import timezone
from prometheus_client import Counter, Histogram

from core.models import AttemptOutcome, DeliveryStatus, NotificationLog
from core.notifications import preferences

SECONDS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1_800, 7_200, 28_800, 86_400)
CARRIES_ALONG = (DeliveryStatus.SENT, DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN)
ARRIVED = (DeliveryStatus.DELIVERED, DeliveryStatus.READ)

attempts_total = Counter("delivery_attempts", "Attempts to send, by channel and outcome.", ["channel", "outcome"])
deliveries_total = Counter("deliveries", "Deliveries that came to an outcome.", ["channel", "event", "outcome"])
jobs_total = Counter("jobs", "Jobs that have ended, by name and outcome.", ["name", "outcome"])
until_sent = Histogram(
    "delivery_sent_seconds",
    "From the change until the provider took the message; without those that waited because their recipient said so.",
    ["channel"],
    buckets=SECONDS,
)
until_delivered = Histogram(
    "delivery_delivered_seconds", "From the change until the message had arrived.", ["channel"], buckets=SECONDS
)


def tried(row: NotificationLog, outcome: AttemptOutcome) -> None:
    attempts_total.labels(row.notification_type, outcome).inc()


def came_to(row: NotificationLog, status: str) -> None:
    """What a delivery, as it was before, has come to; with it, those that it carries."""
    channel, took = row.notification_type, (timezone.now() - row.created_at).total_seconds()
    for one in (row, *(row.crew if status in CARRIES_ALONG else ())):
        deliveries_total.labels(channel, one.event, status).inc()
    arrives = status in ARRIVED and row.delivered_at is None
    if (status == DeliveryStatus.SENT or arrives) and not was_to_wait(row):
        (until_delivered if arrives else until_sent).labels(channel).observe(took)


def was_to_wait(row: NotificationLog) -> bool:
    """Whether it was not to be sent at once: it is a fallback, or its recipient wanted it later."""
    wish = preferences.objection(preferences.preference_of(row.recipient), row, row.created_at)
    return row.is_fallback or (wish is not None and wish.until is not None)
