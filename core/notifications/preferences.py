"""What somebody's preferences say about one delivery: not this way, not now, or nothing."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.models import NotificationLog, Preference, User
from core.notifications.verdict import Verdict, put_off, skipped

DIGEST = "digest"
DEFERRED = [DIGEST, "quiet_hours"]  # why a delivery waits that other preferences may let go
EVERY = "*"  # in the place of an event: all of them, those to come included
NEVER = "!"  # in the place of an event: not even instead of a message that did not get through
DIGESTED = "EMAIL"  # a phone's messages are read as they come: whoever wants fewer of them turns events off
DAILY_AT = time(8)  # on the person's own clock

MINUTE = timedelta(minutes=1)
CLOCKS_JUMP = timedelta(hours=3)  # by less than this, wherever


def preference_of(user: User) -> Preference | None:
    """Somebody's preferences; None: never touched."""
    found: Preference | None = getattr(user, "preference", None)
    return found


def objection(preference: Preference | None, row: NotificationLog, now: datetime) -> Verdict | None:
    """Why `row` is not to be sent, or not now. What is critical waits for nothing, but goes nowhere unwanted."""
    if preference is None:
        return None
    if NEVER in preference.off.get(row.notification_type, []):
        return skipped("unsubscribed")
    if is_off(preference, row.notification_type, row.event) and not row.is_fallback:
        return skipped("preference_off")
    if row.is_critical:
        return None
    due = digest_time(preference, row) if is_for_digest(preference, row) else now
    at = end_of_quiet(preference, max(due, now))
    if at <= now:
        return None
    return put_off(DIGEST if due > now else "quiet_hours", at)


def is_off(preference: Preference, channel: str, event: str) -> bool:
    """Whether this event is not wanted on this channel."""
    return not {EVERY, event}.isdisjoint(preference.off.get(channel, []))


def is_for_digest(preference: Preference | None, row: NotificationLog) -> bool:
    """Whether it goes with others in one mail. A fallback is late as it is."""
    if preference is None or preference.digest == Preference.Digest.OFF:
        return False
    return row.notification_type == DIGESTED and not (row.is_critical or row.is_fallback)


def digest_time(preference: Preference, row: NotificationLog) -> datetime:
    """When the digest goes that gathers it: the first one after it was written, however often it is asked."""
    local = row.created_at.astimezone(ZoneInfo(row.recipient.timezone))
    if preference.digest == Preference.Digest.HOURLY:
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return row.created_at - past + timedelta(hours=1)
    day = local.date() + timedelta(days=local.time() >= DAILY_AT)
    return datetime.combine(day, DAILY_AT, local.tzinfo).astimezone(UTC)


def end_of_quiet(preference: Preference, at: datetime) -> datetime:
    """`at`, or the end of the quiet hours that it lies in: the first minute that the wall clock is outside of them.

    So it is right whatever the clocks do: hours that are skipped end at the jump, repeated ones are quiet twice.
    """
    start, end = preference.quiet_start, preference.quiet_end
    if start is None or end is None:
        return at
    zone = ZoneInfo(preference.quiet_timezone)
    moment = at
    if is_quiet(start, end, moment.astimezone(zone).time()):
        left = until(end, moment.astimezone(zone).time())
        moment = moment.replace(second=0, microsecond=0) + max(left - CLOCKS_JUMP, timedelta())
        while is_quiet(start, end, moment.astimezone(zone).time()):
            moment += MINUTE
    return moment


def is_quiet(start: time, end: time, clock: time) -> bool:
    """Whether the wall clock is within quiet hours, which may span midnight."""
    return start <= clock < end if start <= end else not end <= clock < start


def until(end: time, clock: time) -> timedelta:
    """How far the hands of a clock go to `end`, in whole minutes."""
    return MINUTE * ((end.hour * 60 + end.minute - clock.hour * 60 - clock.minute) % (24 * 60))
