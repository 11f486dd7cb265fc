"""Whatever Twilio does instead of delivering a message, it comes to what the guide says."""

from collections.abc import Callable
from functools import partial

import pytest

from core.models import Ticket, User
from tests.fakes.twilio import FakeTwilio
from tests.notifications.fault_table import assert_comes_to, table
from tests.notifications.support import row_of

ADA = "+12025550101"
TABLE = table("Twilio")


def taken_and_reported(status: str, code: int, whatsapp: FakeTwilio) -> Callable[[], object]:
    """Once it has been sent, this is reported of it."""
    return lambda: whatsapp.report(whatsapp.take(ADA), status, code)


def taken_and_silent(whatsapp: FakeTwilio) -> Callable[[], object]:
    whatsapp.hang(accepted=True)
    return lambda: whatsapp.take_all(count=0 if whatsapp.hangs("POST") else 1, within=5)


FAULTS: dict[str, Callable[[FakeTwilio], object]] = {
    "refuses the number: 400, 21211": lambda fake: fake.fail(400, 21211),
    "knows that the person wrote STOP: 400, 21610": lambda fake: fake.fail(400, 21610),
    "finds no WhatsApp there: 400, 63003": lambda fake: fake.fail(400, 63003),
    "wants a template: 400, 63016": lambda fake: fake.closed.add(ADA),
    "is asked too much of this sender: 400, 63018": lambda fake: fake.fail(400, 63018),
    "refuses our credentials: 401, 20003": lambda fake: fake.fail(401, 20003),
    "is asked too much: 429, `Retry-After: 100`": lambda fake: fake.fail(429, 20429, retry_after=100),
    "fails: 500": lambda fake: fake.fail(500),
    "is away for a moment: 503": lambda fake: fake.fail(503),
    "cannot be reached": FakeTwilio.stop,
    "never answers": FakeTwilio.hang,
    "breaks the connection off": FakeTwilio.reset,
    "answers something else": lambda fake: fake.garble("<html>"),
    "takes it and never answers": taken_and_silent,
    "takes it and drops it": lambda fake: lambda: fake.take(ADA),
    "takes it and reports `undelivered`, 63003": partial(taken_and_reported, "undelivered", 63003),
    "takes it and reports `failed`, 63018": partial(taken_and_reported, "failed", 63018),
}


@pytest.fixture(autouse=True)
def _in_a_hurry(hasty_whatsapp: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.notifications.conftest.SHORT", 0.1)


@pytest.mark.parametrize("what", FAULTS)
def test_each_fault_comes_to_what_the_guide_says(what: str, told: Ticket, ada: User, whatsapp: FakeTwilio) -> None:
    assert_comes_to(TABLE[what], row_of(ada, "WHATSAPP"), lambda: FAULTS[what](whatsapp))


def test_the_guide_has_them_all() -> None:
    assert list(TABLE) == list(FAULTS)
