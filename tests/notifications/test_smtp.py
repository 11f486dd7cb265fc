"""The SMTP backend: what it knows of a mail under way, and how it lets go."""

import socket
import time
from collections.abc import Iterator
from smtplib import SMTPException

import pytest
from django.core.mail import EmailMessage

from core.notifications.smtp import EmailBackend, Watched, WatchedSSL
from tests.fakes.smtp import FakeSmtp
from tests.notifications.scripted_smtp import ScriptedSmtp

TIMEOUT, SHORT = 5.0, 0.3  # seconds


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp() as server:
        yield server


@pytest.fixture
def backend(server: ScriptedSmtp) -> Iterator[EmailBackend]:
    backend = EmailBackend(host="127.0.0.1", port=server.port, timeout=TIMEOUT)
    yield backend
    backend.close()


def hurry(backend: EmailBackend) -> None:
    """Wait for answers that do not come, but not for long."""
    assert backend.connection is not None
    assert backend.connection.sock is not None
    backend.connection.sock.settimeout(SHORT)


def mail(body: str = "text") -> EmailMessage:
    return EmailMessage("subject", body, "me@example.com", ["you@example.com"])


def test_it_awaits_no_verdict_before_during_and_after_a_mail_that_is_taken(backend: EmailBackend) -> None:
    assert not backend.awaiting_verdict
    backend.open()
    assert not backend.awaiting_verdict
    assert backend.send_messages([mail(), mail()]) == 2
    assert not backend.awaiting_verdict


@pytest.mark.parametrize(
    ("command", "answer", "awaiting"),
    [
        ("RCPT", "550 no", False),
        ("RCPT", "", False),
        ("DATA", "451 no", False),
        ("DATA", "", False),
        (".", "451 no", False),
        (".", "554 no", False),
        (".", "", True),
        (".", "251 perhaps", True),
        (".", "perhaps", True),
    ],
)
def test_only_silence_and_nonsense_after_the_final_dot_leave_it_open(
    command: str, answer: str, awaiting: bool, backend: EmailBackend, server: ScriptedSmtp
) -> None:
    server.answers[command] = answer
    backend.open()
    if not answer:
        hurry(backend)
    with pytest.raises(SMTPException):
        backend.send_messages([mail()])
    assert backend.awaiting_verdict is awaiting


def test_a_mail_that_breaks_on_the_way_has_not_arrived(backend: EmailBackend, server: ScriptedSmtp) -> None:
    backend.open()
    assert isinstance(backend.connection, Watched)
    assert backend.connection.sock is not None
    backend.connection.sock.shutdown(socket.SHUT_WR)
    with pytest.raises(SMTPException):
        backend.connection.send(b"text\r\n.\r\n")
    assert not backend.awaiting_verdict


def test_a_connection_is_stale_when_there_is_none_or_it_does_not_answer(
    backend: EmailBackend, server: ScriptedSmtp
) -> None:
    assert backend.is_stale()
    backend.open()
    assert not backend.is_stale()
    server.answers["NOOP"] = "421 bye"
    assert backend.is_stale()
    server.answers["NOOP"] = ""
    hurry(backend)
    assert backend.is_stale()


def test_closing_asks_nothing_of_the_server(backend: EmailBackend, server: ScriptedSmtp) -> None:
    server.answers["QUIT"] = ""
    backend.open()
    began = time.monotonic()
    backend.close()
    backend.close()
    assert backend.connection is None
    assert time.monotonic() - began < TIMEOUT


def test_closing_also_ends_a_sign_in_that_failed(server: ScriptedSmtp) -> None:
    backend = EmailBackend(host="127.0.0.1", port=server.port, timeout=TIMEOUT, use_tls=True)
    with pytest.raises(SMTPException):
        backend.open()
    half_open = backend._partial_connection
    assert half_open is not None
    backend.close()
    assert half_open.sock is None


def test_tls_from_the_start_is_watched_too(mailbox: FakeSmtp) -> None:
    backend = EmailBackend(host="127.0.0.1", port=mailbox.port, timeout=TIMEOUT, use_ssl=True)
    assert backend.connection_class is WatchedSSL
    with pytest.raises(OSError, match="SSL"):
        backend.open()
    backend.close()
