"""WhatsApp rests: what has waited for it for too long falls back, too.

Nobody sends these rows, so whether they are to be sent is looked at here. Those that are become due to fall back.
"""

import time
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.notifications import circuit, fallback, registry
from core.notifications.carried import along
from core.notifications.claims import BATCH, PENDING, UNCLAIMED, Claim, abandoned, held, take, taken, waiting
from core.notifications.review import still_to_go
from core.notifications.second_look import SecondLook

TAKES = 10.0  # seconds at most: the auditor comes again


def look() -> None:
    """Look at what has been due for as long as a message may take to arrive, as it has not been tried at all."""
    minutes, began = settings.WHATSAPP_FALLBACK_MINUTES, time.monotonic()
    while minutes and circuit.is_open(fallback.FROM) and time.monotonic() - began < TAKES:
        now = timezone.now()
        batch = claim_due_since(now - timedelta(minutes=minutes))
        if not batch.rows:
            return
        for row in still_to_go(batch.rows, registry.channels()[fallback.FROM], SecondLook.at(batch)):
            with along(row):
                held(batch.token, row).update(status=PENDING, fallback_at=now, **UNCLAIMED)


def claim_due_since(at: datetime) -> Claim:
    """Claim what has been due since then and has not been looked at yet: it has no time to fall back.

    Also what somebody began to send, and left: while the channel rests, nobody goes on with it.
    """
    token = uuid.uuid4()
    keys: list[int] = []
    with transaction.atomic():
        for found in (waiting(fallback.FROM), abandoned(fallback.FROM)):
            late = found.filter(next_attempt_at__lte=at, fallback_at=None).select_for_update(skip_locked=True)
            keys += late.values_list("pk", flat=True)[: BATCH - len(keys)]
        take(token, keys)
    return Claim(token, list(taken(token, keys).order_by("next_attempt_at", "pk")))
