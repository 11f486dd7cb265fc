"""The auditor's sign of life: whoever watches over the deliveries is watched itself."""

from datetime import timedelta

from django.utils import timezone

from core.models import Heartbeat

AUDITOR = "auditor"
LATE = timedelta(minutes=2)  # four rounds

_started = timezone.now()  # of this process: whatever starts with it has not been round yet


def beat(took: timedelta) -> None:
    """A round went well."""
    values = {"beat_at": timezone.now(), "took_ms": round(took / timedelta(milliseconds=1))}
    Heartbeat.objects.update_or_create(name=AUDITOR, defaults=values)


def last() -> Heartbeat | None:
    return Heartbeat.objects.filter(name=AUDITOR).first()


def is_late() -> bool:
    """Whether there was no round for long; asked of a process that has just started, only since then."""
    found = last()
    since = max(found.beat_at, _started) if found else _started
    return timezone.now() > since + LATE
