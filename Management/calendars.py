"""Working time as the environment says it: `Mo-Fr 09:00-12:00 13:00-17:00; Europe/Vienna; AT`."""

import re
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ImproperlyConfigured
from holidays import country_holidays

from core.domain.calendar import Always, Calendar, Hours, WorkingHours

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
DAYS = re.compile(rf"({'|'.join(WEEKDAYS)})(?:-({'|'.join(WEEKDAYS)}))?")
HOURS = re.compile(r"([0-9]{2}):([0-5][0-9])-([0-9]{2}):([0-5][0-9])")
LIKE = "Mo-Fr 09:00-12:00 13:00-17:00; Europe/Vienna; AT"


def calendar(name: str, given: str, longest: timedelta) -> Calendar:
    """Hours, zone and, if there are any, whose holidays; nothing: around the clock.

    `longest` is what must come to an end within it.
    """
    if not given.strip():
        return Always()
    try:
        found = _read(given)
        found.add(datetime.now(UTC), longest)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error
    return found


def _read(given: str) -> WorkingHours:
    hours, zone, country, *more = [part.strip() for part in given.split(";")] + [""] * (2 - given.count(";"))
    if more or not zone:
        raise ValueError(f"{given!r} is not like {LIKE}.")
    if zone not in available_timezones():
        raise ValueError(f"{zone!r} is no time zone.")
    week: dict[int, list[Hours]] = {}
    for group in hours.split(","):
        days, *times = group.split() or [""]
        for day in _days(days):
            if day in week:
                raise ValueError(f"{WEEKDAYS[day]} is given twice.")
            week[day] = [_hours(one) for one in times]
    return WorkingHours(week, ZoneInfo(zone), _holidays(country))


def _days(text: str) -> Iterator[int]:
    found = DAYS.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not like Mo or Mo-Fr.")
    start, end = (WEEKDAYS.index(day or found[1]) for day in found.groups())
    if end < start:
        raise ValueError(f"{text!r} is not in the order {', '.join(WEEKDAYS)}.")
    yield from range(start, end + 1)


def _hours(text: str) -> Hours:
    found = HOURS.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not like 09:00-17:00.")
    hour, minute, until_hour, until_minute = map(int, found.groups())
    return timedelta(hours=hour, minutes=minute), timedelta(hours=until_hour, minutes=until_minute)


def _holidays(country: str) -> Callable[[int], Collection[date]]:
    """The public holidays of a country, or of a part of it ("AT-9"), by year."""
    code, _, part = country.partition("-")

    @cache  # a year at a time: what the library itself fills in later is not safe between threads
    def of_year(year: int) -> Collection[date]:
        return frozenset(country_holidays(code, subdiv=part or None, years=year)) if code else ()

    try:
        of_year(datetime.now(UTC).year)
    except NotImplementedError as error:
        raise ValueError(f"{country!r}: {error}.") from error
    return of_year
