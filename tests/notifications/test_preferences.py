"""What people want to be told, where and when, counts just before sending."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from core.actions import inbox, password_reset, tickets
from core.models import DeliveryStatus, NotificationLog, Preference, Priority, Status, Ticket, User
from core.notifications import registry
from core.notifications.deliver import drain
from core.notifications.preferences import is_quiet, objection
from core.notifications.verdict import Verdict, put_off, skipped
from tests.conftest import MakeTicket
from tests.fakes.smtp import FakeSmtp
from tests.notifications.support import PENDING, SENT, Pigeon, make_due, row_of

VIENNA = "Europe/Vienna"
ZONES = ["UTC", VIENNA, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]
# Around these the clocks change in some of them.
TURNS = [datetime(2026, *day, tzinfo=UTC) for day in [(3, 8), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1), (12, 31)]]
AWAY = timedelta(hours=1)
CANCELLED, SKIPPED = DeliveryStatus.CANCELLED, DeliveryStatus.SKIPPED

clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
moments = st.builds(lambda turn, away: turn + away, st.sampled_from(TURNS), st.timedeltas(-AWAY * 30, AWAY * 30))
wishes = st.builds(
    Preference,
    quiet_start=clocks,
    quiet_end=clocks,
    quiet_timezone=st.sampled_from(ZONES),
    digest=st.sampled_from(Preference.Digest.values),
)
deliveries = st.builds(
    NotificationLog,
    recipient=st.builds(User, timezone=st.sampled_from(ZONES)),
    notification_type=st.sampled_from(["EMAIL", "WHATSAPP"]),
    event=st.just("ticket_opened"),
    created_at=moments,
    is_fallback=st.booleans(),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+00:00")


def mail(at: datetime, **fields: Any) -> NotificationLog:
    person = User(timezone=fields.pop("timezone", "UTC"))
    fields = {"notification_type": "EMAIL", "event": "ticket_opened"} | fields
    return NotificationLog(recipient=person, created_at=at, **fields)


def quiet(start: str, end: str, zone: str = VIENNA, digest: str = "off") -> Preference:
    hours = {"quiet_start": time.fromisoformat(start), "quiet_end": time.fromisoformat(end)}
    return Preference(**hours, quiet_timezone=zone, digest=digest)


# --- The decision itself ------------------------------------------------------------------------


def test_who_never_said_anything_gets_everything_at_once() -> None:
    assert objection(None, mail(utc("01-15 03:00")), utc("01-15 03:00")) is None


@pytest.mark.parametrize(
    ("start", "end", "now", "until"),
    [
        ("22:00", "07:00", "01-15 20:59", None),  # 21:59 in Vienna
        ("22:00", "07:00", "01-15 21:00", "01-16 06:00"),
        ("22:00", "07:00", "01-16 05:59", "01-16 06:00"),
        ("22:00", "07:00", "01-16 06:00", None),
        ("22:00", "07:00", "07-15 22:00", "07-16 05:00"),  # in summer
        ("12:00", "13:30", "01-15 11:15", "01-15 12:30"),
        ("12:00", "13:30", "01-15 12:30", None),
        ("22:00", "00:00", "12-31 22:15", "12-31 23:00"),
        ("22:00", "07:00", "03-28 23:00", "03-29 05:00"),  # the night is an hour shorter
        ("22:00", "07:00", "10-24 22:00", "10-25 06:00"),  # an hour longer
        ("22:00", "02:30", "03-29 00:00", "03-29 01:00"),  # 2:30 does not exist: until the clocks jump
        ("22:00", "02:30", "10-25 00:15", "10-25 00:30"),  # the first 2:30
        ("22:00", "02:30", "10-25 01:15", "10-25 01:30"),  # and the second
    ],
)
def test_quiet_hours_are_on_the_persons_own_clock(start: str, end: str, now: str, until: str | None) -> None:
    expected = put_off("quiet_hours", utc(until)) if until else None
    assert objection(quiet(start, end), mail(utc(now)), utc(now)) == expected


@pytest.mark.parametrize(
    ("digest", "zone", "written", "due"),
    [
        ("hourly", "UTC", "01-15 10:20", "01-15 11:00"),
        ("hourly", "UTC", "01-15 11:00", "01-15 12:00"),
        ("hourly", "Asia/Kathmandu", "01-15 10:20", "01-15 11:15"),  # 5:45 ahead
        ("daily", VIENNA, "01-15 06:59", "01-15 07:00"),
        ("daily", VIENNA, "01-15 07:00", "01-16 07:00"),
        ("daily", VIENNA, "03-28 12:00", "03-29 06:00"),  # it is summer by then
    ],
)
def test_a_digest_goes_at_the_full_hour_or_at_8_on_the_persons_own_clock(
    digest: str, zone: str, written: str, due: str
) -> None:
    wish, row = Preference(digest=digest), mail(utc(written), timezone=zone)
    assert objection(wish, row, utc(written)) == put_off("digest", utc(due))
    assert objection(wish, row, utc(due)) is None
    assert objection(wish, row, utc(due) + AWAY / 2) is None  # tried again later, it does not wait anew
    row.notification_type = "WHATSAPP"
    assert objection(wish, row, utc(written)) is None


def test_a_digest_in_quiet_hours_goes_when_they_end() -> None:
    wish = quiet("22:00", "07:30", "UTC", digest="hourly")
    assert objection(wish, mail(utc("01-15 21:20")), utc("01-15 21:20")) == put_off("digest", utc("01-16 07:30"))
    assert objection(wish, mail(utc("01-15 21:20")), utc("01-15 22:01")) == put_off("quiet_hours", utc("01-16 07:30"))


@pytest.mark.parametrize("off", [{"EMAIL": ["ticket_opened", "mentioned"]}, {"EMAIL": ["*"]}])
def test_what_is_off_is_skipped_also_when_critical_but_not_as_a_fallback(off: dict[str, list[str]]) -> None:
    now, wish = utc("01-15 12:00"), Preference(off=off)
    assert objection(wish, mail(now), now) == skipped("preference_off")
    assert objection(wish, mail(now, is_critical=True), now) == skipped("preference_off")
    assert objection(wish, mail(now, is_fallback=True), now) is None
    assert objection(wish, mail(now, notification_type="WHATSAPP"), now) is None


def test_who_has_unsubscribed_gets_no_mail_at_all() -> None:
    now, wish = utc("01-15 12:00"), Preference(off={"EMAIL": ["*", "!"]})
    for fields in ({}, {"is_critical": True}, {"is_fallback": True}):
        assert objection(wish, mail(now, **fields), now) == skipped("unsubscribed")
    assert objection(wish, mail(now, notification_type="WHATSAPP"), now) is None


@given(wish=wishes, row=deliveries, waited=st.timedeltas(timedelta(), timedelta(hours=30)))
@settings(max_examples=300, deadline=None)
def test_nothing_goes_in_quiet_hours_and_nothing_waits_for_ever(
    wish: Preference, row: NotificationLog, waited: timedelta
) -> None:
    now = row.created_at + waited
    critical = NotificationLog(recipient=row.recipient, created_at=row.created_at, is_critical=True)
    assert objection(wish, critical, now) is None
    verdict = objection(wish, row, now) or Verdict(PENDING, "", now)
    assert verdict.status == PENDING
    assert verdict.until is not None
    assert wish.quiet_start is not None
    assert wish.quiet_end is not None
    clock = verdict.until.astimezone(ZoneInfo(wish.quiet_timezone)).time()
    assert not is_quiet(wish.quiet_start, wish.quiet_end, clock)
    assert objection(wish, row, verdict.until) is None
    day = timedelta(hours=25)  # as long as the longest day
    is_alone = wish.digest == "off" or wish.quiet_start == wish.quiet_end
    # Less than three hours to speak in may fall into the hour that is skipped.
    length = (wish.quiet_end.hour - wish.quiet_start.hour) % 24
    assert verdict.until - now <= (day if is_alone and length < 21 else 2 * day)


# --- In the pipeline ----------------------------------------------------------------------------


def prefer(user: User, **wish: Any) -> None:
    Preference.objects.update_or_create(user=user, defaults=wish)


def around_now(zone: str = VIENNA) -> dict[str, Any]:
    """Quiet hours from an hour ago, for two hours."""
    now = timezone.now().astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0)
    return {"quiet_start": (now - AWAY).time(), "quiet_end": (now + AWAY).time(), "quiet_timezone": zone}


def state_of(user: User, channel: str = "PIGEON", event: str = "ticket_created") -> tuple[str, str]:
    row = row_of(user, channel, event)
    return row.status, row.error


def test_an_event_that_is_off_on_one_channel_goes_by_the_others(told: Ticket, ada: User, pigeon: Pigeon) -> None:
    prefer(ada, off={"EMAIL": ["ticket_created"], "WHATSAPP": ["*"], "PIGEON": ["ticket_opened"]})
    for channel in registry.outgoing_channels():
        drain(channel)
    assert state_of(ada, "EMAIL") == state_of(ada, "WHATSAPP") == (SKIPPED, "preference_off")
    assert state_of(ada) == (SENT, "")
    assert state_of(ada, "SYSTEM") == (DeliveryStatus.DELIVERED, "")


def test_quiet_hours_put_off_and_what_is_critical_passes_them(
    pigeon: Pigeon, make_ticket: MakeTicket, ada: User
) -> None:
    prefer(ada, **around_now())
    make_ticket(quiet=False)
    drain("PIGEON")
    row = row_of(ada, "PIGEON")
    assert (row.status, row.error, row.attempts, row.attempt_token) == (PENDING, "quiet_hours", 0, None)
    assert row.next_attempt_at is not None
    assert AWAY - timedelta(minutes=2) < row.next_attempt_at - timezone.now() <= AWAY
    NotificationLog.objects.all().delete()
    make_ticket(quiet=False, priority=Priority.CRITICAL)
    drain("PIGEON")
    assert state_of(ada) == (SENT, "")


def test_who_cannot_be_reached_need_not_wait_to_hear_it(told: Ticket, ada: User, pigeon: Pigeon) -> None:
    prefer(ada, **around_now())
    User.objects.filter(pk=ada.pk).update(username="")
    drain("PIGEON")
    assert state_of(ada) == (SKIPPED, "no_loft")


@pytest.mark.parametrize("everything", [True, False], ids=["read-all", "read"])
@pytest.mark.parametrize(
    ("wish", "fields", "end"),
    [
        ({"digest": "daily"}, {}, (CANCELLED, "read")),
        ({"off": {"EMAIL": ["*"]}}, {"is_fallback": True}, (CANCELLED, "read")),
        ({"digest": "daily"}, {"is_critical": True}, (SENT, "")),
        ({}, {}, (SENT, "")),
    ],
    ids=["digest", "fallback", "critical", "plain"],
)
def test_what_was_read_in_the_inbox_cancels_digests_and_fallbacks_alone(
    told: Ticket,
    ada: User,
    mailbox: FakeSmtp,
    everything: bool,
    wish: dict[str, Any],
    fields: dict[str, Any],
    end: tuple[str, str],
) -> None:
    prefer(ada, **wish)
    NotificationLog.objects.filter(notification_type="EMAIL").update(**fields)
    if everything:
        inbox.mark_all_read(user=ada)
    else:
        inbox.mark_one_read(user=ada, notification_id=row_of(ada, "SYSTEM").pk)
    drain("EMAIL")
    assert state_of(ada, "EMAIL") == end
    assert len(mailbox.take_all()) == (end[0] == SENT)


def test_unread_digests_wait_and_fallbacks_go_although_mail_is_off(told: Ticket, ada: User, mailbox: FakeSmtp) -> None:
    prefer(ada, digest="daily")
    drain("EMAIL")
    assert state_of(ada, "EMAIL") == (PENDING, "digest")
    prefer(ada, off={"EMAIL": ["*"]})
    NotificationLog.objects.filter(notification_type="EMAIL").update(is_fallback=True)
    make_due()
    drain("EMAIL")
    mailbox.take(ada.email)
    assert state_of(ada, "EMAIL") == (SENT, "")


def test_reminders_of_closed_tickets_are_cancelled(
    pigeon: Pigeon, make_ticket: MakeTicket, ada: User, dan: User, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("work_finished", "ticket_approved"):
        reminder = replace(
            registry.events()[key], while_status=frozenset({Status.RESOLVED}) if key == "work_finished" else frozenset()
        )
        monkeypatch.setitem(registry.own_events(), key, reminder)
    ticket = make_ticket(Status.IN_PROGRESS)
    tickets.finish_work(actor=dan, ticket_id=ticket.pk)
    tickets.approve(actor=cleo, ticket_id=ticket.pk)
    drain("PIGEON")
    assert state_of(ada, event="work_finished") == (CANCELLED, "ticket_closed")
    assert state_of(ada, event="ticket_approved") == (SENT, "")


def test_a_link_to_set_a_password_is_nobodys_preference(
    cleo: User, deliver: Callable[[], None], mailbox: FakeSmtp
) -> None:
    prefer(cleo, off={"EMAIL": ["*"]}, digest="daily", **around_now())
    password_reset.request(email=cleo.email, address="192.0.2.1")
    deliver()
    assert "password" in mailbox.take(cleo.email).text
