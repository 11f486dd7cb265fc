"""SLA targets as the environment says them: `CRITICAL=15m,HIGH=1h`."""

import re
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured

UNITS = {"m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=365)


def targets(name: str, given: str, default: str) -> dict[str, timedelta]:
    """A target for each priority of `default`; one that is not given keeps its default."""
    known = dict(_read(name, default))
    own = _read(name, given)
    priorities = [priority for priority, _ in own]
    for priority in priorities:
        if priority not in known:
            raise ImproperlyConfigured(f"{name}: {priority} is no priority; there are {', '.join(known)}.")
        if priorities.count(priority) > 1:
            raise ImproperlyConfigured(f"{name}: {priority} is given twice.")
    return known | dict(own)


def _read(name: str, text: str) -> list[tuple[str, timedelta]]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return [_target(name, part) for part in parts]


def _target(name: str, part: str) -> tuple[str, timedelta]:
    found = re.fullmatch(r"(\w+)\s*=\s*([1-9][0-9]{0,5})([mhd])", part, re.ASCII)
    if found is None:
        raise ImproperlyConfigured(f"{name}: {part!r} is not like HIGH=90m, HIGH=1h or HIGH=2d.")
    priority, number, unit = found.groups()
    target = timedelta(**{UNITS[unit]: int(number)})
    if target > LONGEST:
        raise ImproperlyConfigured(f"{name}: {part!r} is more than a year.")
    return priority, target
