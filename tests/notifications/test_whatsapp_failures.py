"""What Twilio does instead of taking a message, and what becomes of the delivery."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import requests
from django.utils import timezone
from pytest_django import Settings
from twilio.http.response import Response

from core.models import ChannelCircuit, NotificationLog, Ticket, User
from core.notifications import twilio
from core.notifications.channel import Ambiguous, Misconfigured, Permanent, Transient
from core.notifications.deliver import drain
from tests.fakes.twilio import FakeTwilio
from tests.notifications.support import PENDING, SENT, make_due, row_of

ADA = "+12025550101"
Row = Callable[[], NotificationLog]


@pytest.fixture
def row(told: Ticket, ada: User) -> Row:
    """Ada's message, as it stands now."""
    return lambda: row_of(ada, "WHATSAPP")


def send_again() -> None:
    make_due()
    drain("WHATSAPP")


def outcomes_of(row: NotificationLog) -> list[tuple[str, str]]:
    return list(row.delivery_attempts.order_by("pk").values_list("outcome", "code"))


def methods(whatsapp: FakeTwilio) -> list[str]:
    return [method for method, _ in whatsapp.requests]


def wait_of(row: NotificationLog, *, since: datetime) -> float:
    assert row.next_attempt_at is not None
    return (row.next_attempt_at - since).total_seconds()


@pytest.mark.parametrize(("status", "code"), [(400, 63017), (408, 0)])
def test_what_passes_is_tried_again_later_without_looking_it_up(
    status: int, code: int, row: Row, whatsapp: FakeTwilio
) -> None:
    whatsapp.fail(status, code)
    drain("WHATSAPP")
    assert (row().status, row().error) == (PENDING, str(code or status))
    send_again()
    assert (row().status, row().attempts) == (SENT, 2)
    assert methods(whatsapp) == ["POST", "POST"]
    whatsapp.take(ADA)


@pytest.mark.parametrize(("retry_after", "least", "most"), [(1, 4, 7), (None, 4, 7)])
def test_too_many_requests_waits_as_long_as_twilio_says(
    retry_after: int | None, least: float, most: float, row: Row, whatsapp: FakeTwilio
) -> None:
    whatsapp.fail(429, 20429, retry_after=retry_after)
    before = timezone.now()
    drain("WHATSAPP")
    assert (row().status, row().error) == (PENDING, "429")
    assert outcomes_of(row()) == [("TRANSIENT", "429")]
    assert least <= wait_of(row(), since=before) <= most


# --- It may have arrived: looked up before it is sent again ---------------------------------------


def break_off(whatsapp: FakeTwilio, how: str, *, accepted: bool) -> None:
    if how == "hang":
        whatsapp.hang(accepted=accepted)
    else:
        whatsapp.fail(500, 20500, accepted=accepted)


@pytest.mark.parametrize("how", ["hang", "500"])
def test_what_did_arrive_is_found_and_never_sent_again(
    how: str, row: Row, whatsapp: FakeTwilio, hasty_whatsapp: None
) -> None:
    break_off(whatsapp, how, accepted=True)
    drain("WHATSAPP")
    assert (row().status, row().error) == (PENDING, {"hang": "timeout", "500": "20500"}[how])
    assert outcomes_of(row())[0][0] == "AMBIGUOUS"
    send_again()
    sent = whatsapp.take(ADA)
    assert (row().status, row().provider_id, row().error) == (SENT, sent.sid, "")
    assert methods(whatsapp) == ["POST", "GET"]


@pytest.mark.parametrize("how", ["hang", "500"])
def test_what_did_not_arrive_is_sent_once(how: str, row: Row, whatsapp: FakeTwilio, hasty_whatsapp: None) -> None:
    break_off(whatsapp, how, accepted=False)
    drain("WHATSAPP")
    send_again()
    assert row().provider_id == whatsapp.take(ADA).sid
    assert methods(whatsapp) == ["POST", "GET", "POST"]


def test_while_it_cannot_be_looked_up_it_is_not_sent(row: Row, whatsapp: FakeTwilio, hasty_whatsapp: None) -> None:
    whatsapp.fail(500, 20500, accepted=True)
    drain("WHATSAPP")
    whatsapp.fail(503, 20503, method="GET")
    whatsapp.fail(429, 20429, method="GET", retry_after=90)
    whatsapp.fail(400, 20001, method="GET")
    whatsapp.hang(method="GET")
    for code in ("20503", "429", "20001", "timeout"):
        before = timezone.now()
        send_again()
        assert (row().status, row().error) == (PENDING, code)
        assert wait_of(row(), since=before) >= (90 if code == "429" else 0)
    send_again()
    assert row().provider_id == whatsapp.take(ADA).sid
    assert methods(whatsapp) == ["POST"] + ["GET"] * 5
    assert [outcome for outcome, _ in outcomes_of(row())] == ["AMBIGUOUS"] * 5 + ["SENT"]


def test_it_is_found_among_many_others_and_although_our_clock_is_ahead(
    row: Row, ada: User, whatsapp: FakeTwilio
) -> None:
    whatsapp.fail(500, accepted=True)
    drain("WHATSAPP")
    first = whatsapp.take(ADA)
    for number in range(120):
        whatsapp.accept({"To": f"whatsapp:{ADA}", "From": f"whatsapp:{whatsapp.sender}"}, f"another {number}")
    whatsapp.take_all()
    NotificationLog.objects.filter(pk=row().pk).update(created_at=timezone.now() + timedelta(minutes=2))
    send_again()
    assert row().provider_id == first.sid
    assert methods(whatsapp) == ["POST", "GET", "GET"]


def test_looking_up_ends_at_messages_older_than_the_event(row: Row, whatsapp: FakeTwilio) -> None:
    whatsapp.fail(500)
    drain("WHATSAPP")
    for number in range(120):
        whatsapp.accept({"To": f"whatsapp:{ADA}", "From": f"whatsapp:{whatsapp.sender}"}, f"another {number}")
    whatsapp.take_all()
    NotificationLog.objects.filter(pk=row().pk).update(created_at=timezone.now() + timedelta(minutes=10))
    send_again()
    assert row().provider_id == whatsapp.take(ADA).sid
    assert methods(whatsapp) == ["POST", "GET", "POST"]


# --- Our settings are wrong: the channel waits ------------------------------------------------------


@pytest.mark.parametrize(("status", "code"), [(401, 20003), (403, 20005), (404, 20404), (400, 63007)])
def test_wrong_settings_make_the_channel_wait_and_blame_no_row(
    status: int, code: int, row: Row, whatsapp: FakeTwilio
) -> None:
    whatsapp.fail(status, code)
    drain("WHATSAPP")
    drain("WHATSAPP")
    make_due()
    drain("WHATSAPP")  # due, but the channel rests
    assert (row().status, row().error, row().attempts) == (PENDING, str(code), 0)
    assert outcomes_of(row()) == [("MISCONFIGURED", str(code))]
    circuit = ChannelCircuit.objects.get()
    assert (circuit.channel, circuit.code) == ("WHATSAPP", str(code))
    assert methods(whatsapp) == ["POST"]
    ChannelCircuit.objects.update(open_until=timezone.now())
    drain("WHATSAPP")
    assert (row().status, row().attempts) == (SENT, 1)
    whatsapp.take(ADA)


def test_wrong_settings_leave_open_whether_an_earlier_attempt_arrived(row: Row, whatsapp: FakeTwilio) -> None:
    whatsapp.fail(500, accepted=True)
    drain("WHATSAPP")
    whatsapp.fail(401, 20003, method="GET")
    send_again()
    assert (row().status, row().attempts) == (PENDING, 1)
    assert ChannelCircuit.objects.get().code == "20003"
    ChannelCircuit.objects.all().delete()
    send_again()
    assert row().provider_id == whatsapp.take(ADA).sid
    assert methods(whatsapp) == ["POST", "GET", "GET"]


# --- Told apart ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["<html>", "", "[]", "{}", '{"code": null}', '{"code": "x"}'])
def test_an_answer_that_is_not_twilios_counts_by_its_status(body: str) -> None:
    kinds = {status: type(twilio.failure(Response(status, body))) for status in (400, 401, 403, 404, 408, 502)}
    assert kinds == {
        400: Permanent,
        401: Misconfigured,
        403: Misconfigured,
        404: Misconfigured,
        408: Transient,
        502: Ambiguous,
    }
    assert twilio.failure(Response(502, body)).code == "502"


@pytest.mark.parametrize("error", [requests.ConnectTimeout(), requests.ConnectTimeout("text")])
def test_without_a_connection_nothing_left(error: requests.RequestException) -> None:
    assert twilio.never_left(error)


@pytest.mark.parametrize("error", [requests.ReadTimeout(), requests.ConnectionError("reset"), requests.Timeout()])
def test_on_a_connection_it_may_have_left(error: requests.RequestException) -> None:
    assert not twilio.never_left(error)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("7", timedelta(seconds=7)),
        ("0", timedelta()),
        ("", None),
        ("-1", None),
        ("Wed, 21 Oct 2026", None),
    ],
)
def test_retry_after_is_in_seconds(value: str, expected: timedelta | None) -> None:
    assert twilio.retry_after(Response(429, "", {"Retry-After": value})) == expected
    assert twilio.retry_after(Response(429, "", None)) is None


def test_without_another_address_requests_go_where_the_client_says(settings: Settings, whatsapp: FakeTwilio) -> None:
    settings.TWILIO_API_URL = ""
    with pytest.raises(Misconfigured, match="20003"):
        twilio.HttpClient(timeout=1).request("GET", f"http://127.0.0.1:{whatsapp.port}/")


def test_an_unanswered_message_gets_time_to_turn_up_in_the_list(row: Row, whatsapp: FakeTwilio) -> None:
    whatsapp.fail(500, times=1)
    before = timezone.now()
    drain("WHATSAPP")
    waiting = row().next_attempt_at
    assert waiting is not None
    assert waiting - before >= timedelta(seconds=60)
    send_again()
    whatsapp.take(ADA)


def test_a_message_is_found_again_although_our_address_has_changed(
    row: Row, whatsapp: FakeTwilio, settings: Settings
) -> None:
    whatsapp.fail(500, accepted=True)
    drain("WHATSAPP")
    settings.PUBLIC_URL = "https://elsewhere.example.com"
    send_again()
    assert row().status == SENT
    whatsapp.take(ADA)


def test_once_unsure_always_looked_up(row: Row, whatsapp: FakeTwilio) -> None:
    whatsapp.fail(500, times=1)
    drain("WHATSAPP")
    whatsapp.fail(429, 20429, times=1)
    send_again()  # looked up, not found, sent, refused for now
    send_again()
    assert methods(whatsapp) == ["POST", "GET", "POST", "GET", "POST"]
    whatsapp.take(ADA)
