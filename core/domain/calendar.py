"""Working time: which moments count, and how much of it lies between two of them."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

Hours = tuple[timedelta, timedelta]  # from and until, as clocks show it since midnight
Span = tuple[datetime, datetime]
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
FARTHEST = 50 * 366  # days: past that there is not enough working time to wait for
MOST_KEPT = 10_000  # days whose spans are remembered


class Calendar(Protocol):
    def add(self, start: datetime, length: timedelta) -> datetime:
        """The first moment by which so much working time has passed since `start`."""
        ...

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time there is; none when the end comes first."""
        ...


class Always:
    """Around the clock."""

    def add(self, start: datetime, length: timedelta) -> datetime:
        return start + length

    def between(self, start: datetime, end: datetime) -> timedelta:
        return max(end - start, timedelta())


class WorkingHours:
    """The hours of each weekday (0 is Monday) by the clocks of a zone, but for the days off that a year has."""

    def __init__(
        self, week: Mapping[int, Sequence[Hours]], zone: ZoneInfo, days_off: Callable[[int], Collection[date]]
    ) -> None:
        if not any(week.values()):
            raise ValueError("There is no working time.")
        for hours in week.values():
            times = [moment for pair in hours for moment in pair]
            if any(a >= b for a, b in pairwise(times)) or any(not timedelta() <= one <= DAY for one in times):
                raise ValueError("The hours of a day must follow each other.")
        self.week, self.zone, self.days_off = week, zone, days_off
        self.spans = lru_cache(MOST_KEPT)(self._spans)

    def add(self, start: datetime, length: timedelta) -> datetime:
        if not length:
            return start
        for begin, end in self._after(start):
            if length <= end - begin:
                return begin + length
            length -= end - begin
        raise ValueError("There is too little working time.")

    def between(self, start: datetime, end: datetime) -> timedelta:
        found = timedelta()
        for begin, stop in self._after(start):
            if begin >= end:
                break
            found += min(stop, end) - begin
        return found

    def _after(self, start: datetime) -> Iterator[Span]:
        """What there is of working time from `start` on."""
        first = start.astimezone(self.zone).date()
        for number in range(FARTHEST):
            for begin, end in self.spans(first + number * DAY):
                if end > start:
                    yield max(begin, start), end

    def _spans(self, day: date) -> list[Span]:
        """When is worked on a day."""
        if day in self.days_off(day.year):
            return []
        midnight = datetime.combine(day, time.min)
        hours = self.week.get(day.weekday(), ())
        return [(first(midnight + begin, self.zone), first(midnight + end, self.zone)) for begin, end in hours]


def first(wall: datetime, zone: ZoneInfo) -> datetime:
    """When clocks first show this time or a later one: where they are put forward or back it comes never, or twice."""
    moment, other = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if moment <= other:
        return moment
    skipped = range((moment - other) // SECOND)
    passed = bisect_left(skipped, wall, key=lambda second: shown(other + second * SECOND, zone))
    return other + passed * SECOND


def shown(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
