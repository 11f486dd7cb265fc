"""The SMTP server of the tests does what it is told, seen through smtplib."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests.fakes.smtp import FakeSmtp, Step
from tests.stack import free_port

GONE = (smtplib.SMTPServerDisconnected, ConnectionError)


@pytest.fixture
def fake() -> Iterator[FakeSmtp]:
    fake = FakeSmtp(free_port())
    fake.start()
    yield fake
    fake.stop()


def send(fake: FakeSmtp, to: str = "dan@example.com", text: str = "Grüße", *, timeout: float = 5) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "us@example.com", to, "Hello"
    mail.set_content(text)
    mail.add_alternative(f"<p>{text}</p>", subtype="html")
    server = smtplib.SMTP("127.0.0.1", fake.port, timeout=timeout)
    try:
        server.send_message(mail)
        server.quit()
    finally:
        server.close()


def test_it_keeps_what_it_accepts(fake: FakeSmtp) -> None:
    send(fake)
    mail = fake.take("dan@example.com")
    assert (mail.sender, mail.message["Subject"]) == ("us@example.com", "Hello")
    assert mail.text.strip() == "Grüße"
    assert mail.html.strip() == "<p>Grüße</p>"
    fake.expect_nothing()


@pytest.mark.parametrize("step", [Step.DATA, Step.DOT])
def test_it_refuses_mail(fake: FakeSmtp, step: Step) -> None:
    fake.refuse(451, step=step, times=1)
    with pytest.raises(smtplib.SMTPDataError, match="451"):
        send(fake)
    fake.expect_nothing()
    send(fake)
    assert fake.take("dan@example.com")


def test_it_refuses_one_recipient_for_good(fake: FakeSmtp) -> None:
    fake.refuse(550, to="dan@example.com")
    for _ in range(2):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(fake)
    send(fake, "dora@example.com")
    assert [mail.to for mail in fake.take_all()] == ["dora@example.com"]


@pytest.mark.parametrize(("step", "arrived"), [(Step.RCPT, 0), (Step.DATA, 0), (Step.DOT, 1)])
def test_it_hangs(fake: FakeSmtp, step: Step, arrived: int) -> None:
    fake.hang(step=step)
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        send(fake, timeout=0.5)
    assert len(fake.take_all(count=arrived, within=5)) == arrived


@pytest.mark.parametrize(("step", "arrived"), [(Step.RCPT, 0), (Step.DATA, 0), (Step.DOT, 1)])
def test_it_hangs_up(fake: FakeSmtp, step: Step, arrived: int) -> None:
    fake.hang_up(step=step)
    with pytest.raises(GONE):
        send(fake)
    assert len(fake.take_all(count=arrived, within=5)) == arrived


def test_it_goes_away_and_comes_back_on_the_same_port(fake: FakeSmtp) -> None:
    kept_open = smtplib.SMTP("127.0.0.1", fake.port, timeout=5)
    fake.stop()
    with pytest.raises(ConnectionRefusedError):
        send(fake)
    with pytest.raises(GONE):
        kept_open.noop()
    fake.start()
    send(fake)
    assert fake.take("dan@example.com", within=5)


def test_behaving_again_ends_faults_and_absence(fake: FakeSmtp) -> None:
    fake.refuse(550)
    fake.stop()
    fake.behave()
    send(fake)
    assert fake.take("dan@example.com")


def test_what_nobody_took_is_listed(fake: FakeSmtp) -> None:
    send(fake)
    with pytest.raises(AssertionError, match=r"to dan@example\.com: Hello"):
        fake.take("dora@example.com")
    with pytest.raises(
        AssertionError, match=r"FakeSmtp received what no test expected: \n  to dan@example\.com: Hello"
    ):
        fake.expect_nothing()
    fake.expect_nothing()
    with pytest.raises(AssertionError, match="expected 1 messages, got 0"):
        fake.take_all(count=1)
