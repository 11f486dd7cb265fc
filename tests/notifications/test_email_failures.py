"""What SMTP servers do instead of taking a mail, and what becomes of the delivery."""

import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.utils import timezone
from pytest_django import Settings

from core.models import ChannelCircuit, DeliveryStatus, NotificationLog, Role, Ticket, User
from core.notifications.channels import email
from core.notifications.deliver import drain
from core.notifications.dispatch import announce
from tests.fakes.smtp import FakeSmtp, Step
from tests.notifications.scripted_smtp import ScriptedSmtp
from tests.notifications.support import PENDING, SENT, change_of, make_due, row_of
from tests.stack import free_port

ADA = "ada@example.com"


@pytest.fixture
def row(told: Ticket, ada: User, own_connection: None) -> Callable[[], NotificationLog]:
    """Ada's mail, as it stands now."""
    return lambda: row_of(ada, "EMAIL")


def outcomes_of(row: NotificationLog) -> list[tuple[str, str]]:
    return list(row.delivery_attempts.order_by("pk").values_list("outcome", "code"))


@pytest.fixture
def scripted(settings: Settings) -> Iterator[ScriptedSmtp]:
    """A server that answers as the test says, in the place of the usual one."""
    with ScriptedSmtp() as server:
        settings.EMAIL_PORT = server.port
        yield server
        email.channel.close()


def test_a_connection_that_breaks_before_the_final_dot_sends_it_again_once(
    row: Callable[[], NotificationLog], mailbox: FakeSmtp
) -> None:
    # More than fits into the sockets' buffers: a short mail has left, dot and all, before anybody can tell.
    mail = NotificationLog.objects.filter(pk=row().pk)
    mail.update(message=("x" * 70 + "\n") * 120_000)
    mailbox.hang_up(step=Step.DATA, times=1)
    drain("EMAIL")
    assert (row().status, row().attempts) == (PENDING, 1)
    assert outcomes_of(row()) == [("TRANSIENT", "connection")]
    mail.update(message="short")
    make_due(row())
    drain("EMAIL")
    assert row().status == SENT
    mailbox.take(ADA)


def test_a_server_that_does_not_greet_is_tried_again_later(
    row: Callable[[], NotificationLog], scripted: ScriptedSmtp, hasty_mail: None
) -> None:
    scripted.answers["greeting"] = ""
    drain("EMAIL")
    assert (row().status, row().error) == (PENDING, "connection")


# --- Our settings are wrong: the channel waits, and no row is blamed ------------------------------


def expect_waiting_channel(row: NotificationLog, code: str) -> None:
    assert (row.status, row.error, row.attempts) == (PENDING, code, 0)
    assert outcomes_of(row) == [("MISCONFIGURED", code)]
    circuit = ChannelCircuit.objects.get(channel="EMAIL")
    assert circuit.code == code
    assert timedelta(seconds=50) < circuit.open_until - timezone.now() <= timedelta(seconds=60)


@pytest.mark.parametrize("command", ["greeting", "EHLO", "MAIL"])
def test_a_server_that_refuses_us_is_a_matter_of_our_settings(
    command: str, row: Callable[[], NotificationLog], scripted: ScriptedSmtp
) -> None:
    scripted.answers |= {command: "554 not from you", "HELO": "554 not from you" if command == "EHLO" else "250 hi"}
    drain("EMAIL")
    expect_waiting_channel(row(), "554")


@pytest.mark.parametrize("answer", ["552 no", "552 5.3.4 too big", "554 5.3.4 too big", "550 5.2.3 too big"])
def test_a_mail_that_is_too_large_is_refused_alone(
    answer: str, row: Callable[[], NotificationLog], scripted: ScriptedSmtp
) -> None:
    """Whoever knows the limit says so at MAIL FROM, where the size stands."""
    scripted.answers["MAIL"] = answer
    drain("EMAIL")
    assert (row().status, row().error) == (DeliveryStatus.FAILED, answer[:3])
    assert not ChannelCircuit.objects.exists()


def test_a_server_that_refuses_us_for_now_is_tried_again_later(
    row: Callable[[], NotificationLog], scripted: ScriptedSmtp
) -> None:
    scripted.answers["greeting"] = "421 too busy"
    drain("EMAIL")
    assert (row().status, row().error, row().attempts) == (PENDING, "421", 1)


def test_a_wrong_password_is_a_matter_of_our_settings(row: Callable[[], NotificationLog], settings: Settings) -> None:
    controller = Controller(
        object(),
        hostname="127.0.0.1",
        port=free_port(),
        auth_require_tls=False,
        authenticator=lambda *_: AuthResult(success=False, handled=False),
    )
    controller.start()
    settings.EMAIL_PORT, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = controller.port, "me", "wrong"
    try:
        drain("EMAIL")
    finally:
        controller.stop()
    expect_waiting_channel(row(), "535")


def test_a_certificate_that_nobody_vouches_for_is_a_matter_of_our_settings(
    row: Callable[[], NotificationLog], settings: Settings
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(Path(__file__).parent / "untrusted.pem")
    controller = Controller(object(), hostname="127.0.0.1", port=free_port(), tls_context=context)
    controller.start()
    settings.EMAIL_PORT, settings.EMAIL_USE_TLS = controller.port, True
    try:
        drain("EMAIL")
    finally:
        controller.stop()
    expect_waiting_channel(row(), "certificate")


@pytest.mark.parametrize("wanted", [{"EMAIL_USE_TLS": True}, {"EMAIL_HOST_USER": "me", "EMAIL_HOST_PASSWORD": "x"}])
def test_a_server_that_cannot_do_what_is_set_is_a_matter_of_our_settings(
    wanted: dict[str, object], row: Callable[[], NotificationLog], settings: Settings, mailbox: FakeSmtp
) -> None:
    for name, value in wanted.items():
        setattr(settings, name, value)
    drain("EMAIL")
    expect_waiting_channel(row(), "not_supported")


def test_the_rest_of_the_batch_waits_with_the_channel_and_goes_when_it_is_right(
    told: Ticket, cleo: User, own_connection: None, scripted: ScriptedSmtp
) -> None:
    alma = User.objects.create_user("alma", "alma@example.com", role=Role.ADMIN)
    announce(change_of(told, "ticket_created", actor=cleo, key="again"))
    assert NotificationLog.objects.filter(recipient=alma).exists()
    scripted.answers["MAIL"] = "554 not from you"
    drain("EMAIL")
    drain("EMAIL")  # the channel rests
    mails = NotificationLog.objects.filter(notification_type="EMAIL")
    assert list(mails.values_list("status", "attempts")) == [(PENDING, 0)] * 3
    assert scripted.connections == 1
    del scripted.answers["MAIL"]
    ChannelCircuit.objects.update(open_until=timezone.now())
    make_due()
    drain("EMAIL")
    assert list(mails.values_list("status", flat=True)) == [SENT] * 3
    assert scripted.mails == 3


def test_a_mail_whose_turn_comes_too_late_is_not_begun(
    row: Callable[[], NotificationLog], mailbox: FakeSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(email, "PATIENCE", -1.0)
        drain("EMAIL")
    assert (row().status, row().error) == (PENDING, "timeout")
    make_due(row())
    drain("EMAIL")
    mailbox.take(ADA)
