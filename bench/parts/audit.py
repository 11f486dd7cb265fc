"""A round of the auditor, a reading of the gauges and a claim, in a million rows of which thousands wait."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from django.utils import timezone

from bench.big import fill
from bench.people import person
from bench.results import Row
from bench.timing import seconds
from bench.world import analyze, database
from core.actions.audit import audit
from core.models import DeliveryStatus, Feed, NotificationLog, Role
from core.notifications.claims import BATCH, Claim, claim, give_back
from core.notifications.gauges import Page

SIZE, LATE, ROUNDS = 1_000_000, 5_000, 30


def measure() -> list[Row]:
    people = [person(name, Role.ADMIN) for name in ["newest", "oldest", "others"]]
    Feed.objects.bulk_create(Feed(user=user) for user in people)
    with database() as server:
        fill(server, [user.pk for user in people], SIZE)
    make_late()
    analyze()
    row = "{} in a million rows, 20,000 of them late"
    return [
        Row(row.format("one round of the auditor"), "ms", taken(audit), None, 200),
        Row(row.format("one reading of the gauges"), "ms", taken(lambda: Page().text()), None, 200),
        Row(f"a worker claims {BATCH} of {2 * LATE:,} mails that wait in a million rows", "ms", claimed(), None, 25),
    ]


def make_late() -> None:
    """Of each channel, some wait, and some were left by a worker that died."""
    last = NotificationLog.objects.order_by("-pk").values_list("pk", flat=True)[0]
    an_hour_ago = timezone.now() - timedelta(hours=1)
    waits = {"status": DeliveryStatus.PENDING, "next_attempt_at": an_hour_ago}
    left = waits | {"status": DeliveryStatus.SENDING, "lease_until": an_hour_ago, "attempt_token": uuid.uuid4()}
    for number, (channel, state) in enumerate((key, one) for key in ("EMAIL", "WHATSAPP") for one in (waits, left)):
        these = NotificationLog.objects.filter(pk__lte=last - number * LATE, pk__gt=last - (number + 1) * LATE)
        these.update(notification_type=channel, **state)


def claimed() -> float:
    """The median, in milliseconds; what was claimed goes back."""
    claims: list[Claim] = []

    def one() -> None:
        claims.append(claim("EMAIL"))

    times = []
    for _ in range(ROUNDS):
        times.append(seconds(one))
        if len(claims[-1].rows) != BATCH:
            raise RuntimeError("Not so many waited.")
        give_back(claims[-1].token, claims[-1].rows)
    return median(times) * 1e3


def taken(action: Callable[[], object]) -> float:
    """The median, in milliseconds."""
    return median(seconds(action) for _ in range(ROUNDS)) * 1e3
