"""Whatever a mail server does instead of taking a mail, it comes to what the guide says."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from core.models import NotificationLog, Ticket, User
from core.notifications.channels import email
from tests.fakes.smtp import FakeSmtp, Step
from tests.notifications.fault_table import assert_comes_to, table
from tests.notifications.scripted_smtp import ScriptedSmtp
from tests.notifications.support import row_of

TABLE = table("The mail server")
HANGS = "hangs before the mail"

FAULTS: dict[str, Callable[[FakeSmtp], object]] = {
    "closes down: 421": lambda fake: fake.refuse(421, times=1),
    "finds the mailbox busy: 450": lambda fake: fake.refuse(450, times=1),
    "has an error: 451 after DATA": lambda fake: fake.refuse(451, step=Step.DATA, times=1),
    "knows no such mailbox: 550": lambda fake: fake.refuse(550, times=1),
    "finds the mailbox full: 552 after the mail": lambda fake: fake.refuse(552, step=Step.DOT, times=1),
    "refuses the mail: 554 after the mail": lambda fake: fake.refuse(554, step=Step.DOT, times=1),
    "cannot be reached": FakeSmtp.stop,
    HANGS: lambda fake: fake.hang(times=1),
    "breaks off before the mail": lambda fake: fake.hang_up(times=1),
    "breaks off after the mail": lambda fake: fake.hang_up(step=Step.DOT, times=1),
    "hangs after the mail": lambda fake: fake.hang(step=Step.DOT, times=1),
}
ANSWERS = {
    "refuses us: 554 in its greeting": {"greeting": "554 not from you"},
    "says neither yes nor no to the mail": {".": "251 kept for later"},
}
STALE = "has closed the connection since the last mail"


pytestmark = pytest.mark.usefixtures("hasty_verdicts")


@pytest.fixture
def row(told: Ticket, ada: User) -> NotificationLog:
    return row_of(ada, "EMAIL")


@pytest.mark.parametrize("what", FAULTS)
def test_each_fault_comes_to_what_the_guide_says(
    what: str, row: NotificationLog, mailbox: FakeSmtp, settings: Settings
) -> None:
    if what == HANGS:
        settings.EMAIL_TIMEOUT = 0.1
    assert_comes_to(TABLE[what], row, lambda: FAULTS[what](mailbox))
    mailbox.take_all()


@pytest.mark.parametrize("what", ANSWERS)
def test_each_odd_answer_comes_to_what_the_guide_says(what: str, row: NotificationLog, settings: Settings) -> None:
    with ScriptedSmtp() as server:
        settings.EMAIL_PORT = server.port
        server.answers |= ANSWERS[what]
        assert_comes_to(TABLE[what], row, lambda: None)


def test_a_stale_connection_is_noticed(row: NotificationLog, mailbox: FakeSmtp) -> None:
    def go_away() -> None:
        email.channel._resting.append(email.channel._connected())
        mailbox.stop()
        mailbox.start()

    assert_comes_to(TABLE[STALE], row, go_away)
    mailbox.take("ada@example.com")


def test_the_guide_has_them_all() -> None:
    assert set(TABLE) == {*FAULTS, *ANSWERS, STALE}
