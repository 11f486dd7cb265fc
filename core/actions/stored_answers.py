"""Exactly once: a request with an Idempotency-Key and its answer commit together, or not at all.

While it is under way it holds the lock of its row. Where its process dies, the database gives the lock back and
nothing of it is left, so that the next one with the key may begin at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core.models import StoredAnswer, User

KEPT = timedelta(hours=24)


class UnderWay(Exception):
    """Another request with this key has not been answered yet."""


@contextmanager
def held(*, user: User, key: str) -> Iterator[StoredAnswer]:
    """A transaction that holds the key's row: with the first answer, or empty and to be answered inside.

    Raise UnderWay when another holds it. (On SQLite, where one writes at a time, this waits for the other instead.)
    """
    now = timezone.now()
    # Committed by itself, or a second insert would wait for the first request instead of being told so.
    StoredAnswer.objects.bulk_create([StoredAnswer(user=user, key=key, created_at=now)], ignore_conflicts=True)
    with transaction.atomic():
        free = StoredAnswer.objects.select_for_update(skip_locked=True)
        row = free.filter(user=user, key=key).first()
        if row is None:
            raise UnderWay
        if row.status_code is None or row.created_at <= now - KEPT:
            row = StoredAnswer(pk=row.pk, user=user, key=key, created_at=now)
        yield row


def delete_expired(now: datetime) -> None:
    """Forget what nobody may ask for again."""
    StoredAnswer.objects.filter(created_at__lte=now - KEPT).delete()
