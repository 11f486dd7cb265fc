"""Working time across breaks, weekends, holidays, leap days, and clocks that are put forward and back."""

import time
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.domain.calendar import Always, Hours, WorkingHours

HOUR, MINUTE, TICK = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
WHOLE = [(timedelta(), timedelta(days=1))]
OFFICE = [(9 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR)]
# Put back across midnight, by half an hour, for a month of fasting, never at all, and once by a whole day.
ZONES = (
    *("UTC", "Europe/Vienna", "America/St_Johns", "Africa/Cairo", "Australia/Lord_Howe", "Africa/Casablanca"),
    *("Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo"),
)
OFF = {(1, 1), (2, 29), (3, 31), (12, 25), (12, 31)}


def days_off(year: int) -> Collection[date]:
    leap = year % 4 == 0
    return {date(year, month, day) for month, day in OFF if leap or (month, day) != (2, 29)}


def none(year: int) -> Collection[date]:
    return ()


def office(zone: str) -> WorkingHours:
    return WorkingHours(dict.fromkeys(range(5), OFFICE), ZoneInfo(zone), days_off)


def hours_between(cuts: list[int]) -> list[Hours]:
    moments = [cut * 15 * MINUTE for cut in sorted(cuts)]
    return list(zip(moments[::2], moments[1::2], strict=False))


zones = st.sampled_from(ZONES).map(ZoneInfo)
of_a_day = st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(hours_between)
weeks = st.dictionaries(st.integers(0, 6), of_a_day, min_size=1)
calendars = st.builds(WorkingHours, weeks, zones, st.sampled_from([days_off, none]))
at_random = st.timedeltas(timedelta(), timedelta(days=27 * 365)).map(
    lambda passed: datetime(2010, 1, 1, tzinfo=UTC) + passed
)
# The nights from Saturday to Sunday, and the days around the turn of a year, are where it goes wrong.
at_risk = st.builds(
    lambda year, day, minutes: datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day, minutes=minutes),
    st.integers(2010, 2036),
    st.sampled_from([-2, -1, 0, 58, 59, 60, *range(84, 91), *range(115, 121), *range(270, 312), 364]),
    st.integers(0, 24 * 60),
)
moments = at_random | at_risk
lengths = st.timedeltas(timedelta(), timedelta(days=4))


@settings(deadline=None)
@given(calendars, moments, lengths)
def test_what_is_added_lies_between(calendar: WorkingHours, start: datetime, length: timedelta) -> None:
    end = calendar.add(start, length)
    assert calendar.between(start, end) == length
    assert not length or calendar.between(end - TICK, end) == TICK  # it never ends outside, nor later than it must


@settings(deadline=None)
@given(calendars, moments, lengths, lengths)
def test_lengths_add_up(calendar: WorkingHours, start: datetime, one: timedelta, other: timedelta) -> None:
    middle = calendar.add(start, one)
    end = calendar.add(middle, other)
    assert end == calendar.add(start, one + other)
    assert calendar.between(start, middle) + calendar.between(middle, end) == calendar.between(start, end)


@settings(deadline=None)
@given(calendars, st.lists(moments, min_size=2, max_size=4), st.lists(lengths, min_size=2, max_size=4))
def test_what_begins_later_or_lasts_longer_is_not_over_sooner(
    calendar: WorkingHours, starts: list[datetime], longer: list[timedelta]
) -> None:
    by_start = [calendar.add(start, longer[0]) for start in sorted(starts)]
    by_length = [calendar.add(starts[0], length) for length in sorted(longer)]
    assert all(a <= b for ends in (by_start, by_length) for a, b in pairwise(ends))
    assert all(calendar.between(b, a) == timedelta() for a, b in pairwise(sorted(starts)))


@settings(deadline=None)
@given(calendars, moments)
def test_a_moment_counts_when_the_clocks_there_say_so(calendar: WorkingHours, moment: datetime) -> None:
    wall = moment.astimezone(calendar.zone)
    assume(wall.utcoffset() == wall.replace(fold=1 - wall.fold).utcoffset())  # not one of two with the same name
    since = timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
    hours = [] if wall.date() in calendar.days_off(wall.year) else calendar.week.get(wall.weekday(), [])
    counts = any(begin <= since < end for begin, end in hours)
    assert calendar.between(moment, moment + TICK) == (TICK if counts else timedelta())


@settings(deadline=None)
@given(zones, moments, moments, lengths, st.lists(st.integers(1, 95), max_size=4, unique=True))
def test_around_the_clock_it_is_plain_arithmetic(
    zone: ZoneInfo, start: datetime, end: datetime, length: timedelta, cuts: list[int]
) -> None:
    pieces = [cut * 15 * MINUTE for cut in (0, *sorted(cuts), 96)]
    whole = WorkingHours(dict.fromkeys(range(7), WHOLE), zone, none)
    assert whole.add(start, length) == Always().add(start, length) == start + length
    if end - start < timedelta(days=400):
        assert whole.between(start, end) == Always().between(start, end) == max(end - start, timedelta())
        assert sum((whole.between(start + a, start + b) for a, b in pairwise(pieces)), timedelta()) == pieces[-1]


@pytest.mark.parametrize(
    ("zone", "start", "hours", "end"),
    [
        ("Europe/Vienna", "2026-01-30T11:00Z", 0.5, "2026-01-30T12:30Z"),  # from the break's start on
        ("Europe/Vienna", "2026-01-30T15:30Z", 1, "2026-02-02T08:30Z"),  # over the weekend
        ("Europe/Vienna", "2026-01-30T15:00Z", 1, "2026-01-30T16:00Z"),  # ends when work ends, not when it begins again
        ("Europe/Vienna", "2026-03-27T15:30Z", 1, "2026-03-30T07:30Z"),  # and clocks were put forward
        ("Europe/Vienna", "2025-12-30T15:30Z", 6, "2026-01-02T14:30Z"),  # over the turn of the year
        ("America/Sao_Paulo", "2024-02-28T19:00Z", 2, "2024-03-01T13:00Z"),  # over a leap day, which is off
        ("Asia/Kathmandu", "2026-01-30T03:15Z", 1, "2026-01-30T04:15Z"),
    ],
)
def test_examples(zone: str, start: str, hours: float, end: str) -> None:
    assert office(zone).add(datetime.fromisoformat(start), hours * HOUR) == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    ("zone", "sunday", "before", "after"),
    [
        ("Europe/Vienna", date(2026, 3, 29), 0.5, 1),  # 02:30 never comes: 03:00 does instead
        ("Europe/Vienna", date(2026, 10, 25), 1, 2.5),  # the first of two
        ("Australia/Lord_Howe", date(2026, 10, 4), 0.5, 1.5),  # put forward by half an hour
        ("Australia/Lord_Howe", date(2026, 4, 5), 1.5, 1.5),  # 01:30 comes twice
    ],
)
def test_the_nights_in_which_clocks_are_moved(zone: str, sunday: date, before: float, after: float) -> None:
    """From 01:30 until 02:30, and from then until 04:00."""
    midnight = datetime(sunday.year, sunday.month, sunday.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    pieces = [(1.5 * HOUR, 2.5 * HOUR), (2.5 * HOUR, 4 * HOUR)]
    nights = [WorkingHours({6: [piece]}, ZoneInfo(zone), none) for piece in pieces]
    assert [night.between(midnight, midnight + 24 * HOUR) / HOUR for night in nights] == [before, after]


def test_a_year_of_working_time_is_quickly_found() -> None:
    calendar, begun = office("Europe/Vienna"), time.perf_counter()
    end = calendar.add(datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=365))
    assert end.year == 2030
    assert time.perf_counter() - begun < 2


def test_who_never_works_promises_nothing() -> None:
    with pytest.raises(ValueError, match=r"There is no working time\."):
        WorkingHours({0: []}, ZoneInfo("UTC"), none)
    minute = WorkingHours({0: [(timedelta(), MINUTE)]}, ZoneInfo("UTC"), none)
    with pytest.raises(ValueError, match=r"There is too little working time\."):
        minute.add(datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=365))


@pytest.mark.parametrize("hours", [(9, 9), (12, 9), (-1, 9), (9, 25), (9, 12, 11, 13)])
def test_hours_follow_each_other(hours: tuple[int, ...]) -> None:
    pairs = [(begin * HOUR, end * HOUR) for begin, end in zip(hours[::2], hours[1::2], strict=True)]
    with pytest.raises(ValueError, match=r"must follow each other"):
        WorkingHours({0: pairs}, ZoneInfo("UTC"), none)
