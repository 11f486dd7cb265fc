"""E-mail through Django's backend: one recipient a mail, one connection a process, a Message-ID a delivery."""

import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from core.models import User
from core.notifications.channel import Channel, DeliveryError, Misconfigured, Permanent, Transient, Unknown
from core.notifications.message import Outgoing


class Email(Channel):
    key = "EMAIL"
    no_address = "no_email"

    def __init__(self) -> None:
        self._backend: BaseEmailBackend | None = None

    def address(self, user: User) -> str | None:
        return user.email or None

    def look_up(self, address: str, message: Outgoing) -> str | None:
        """SMTP cannot be asked. After a crash the mail goes again under the same Message-ID."""
        return None

    def send(self, address: str, message: Outgoing) -> str:
        mail = compose(address, message)
        backend = self._connected()
        mail.connection = backend
        try:
            mail.send()
        except DeliveryError:
            raise
        except (smtplib.SMTPException, OSError) as error:
            awaiting = getattr(getattr(backend, "connection", None), "awaiting_verdict", False)
            self._close()
            raise classify(error, awaiting_verdict=awaiting) from error
        return str(mail.extra_headers["Message-ID"])

    def _connected(self) -> BaseEmailBackend:
        """The open connection, opened anew when it is stale: a broken one would fail every later mail."""
        backend = self._backend = self._backend or get_connection()
        connection = getattr(backend, "connection", None)
        try:
            if connection is not None and connection.noop()[0] != 250:
                self._close()
        except (smtplib.SMTPException, OSError):
            self._close()
        try:
            backend.open()
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            raise classify(error, awaiting_verdict=False) from error
        return backend

    def _close(self) -> None:
        backend, self._backend = self._backend, None
        if connection := getattr(backend, "connection", None):
            connection.close()  # no QUIT: the server may not answer


def domain() -> str:
    """The right side of our Message-IDs: the sender's domain."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def compose(address: str, message: Outgoing) -> EmailMultiAlternatives:
    """The whole mail, built before a connection is needed."""
    context = {"message": message}
    thread = f"<{message.resource}@{domain()}>"
    mail = EmailMultiAlternatives(
        subject=" ".join(message.subject.split()),
        body=render_to_string("core/email/notification.txt", context),
        to=[address],
        headers={
            "Message-ID": f"<delivery-{message.delivery_id}@{domain()}>",
            "References": thread,
            "In-Reply-To": thread,
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(render_to_string("core/email/notification.html", context), "text/html")
    return mail


def classify(error: Exception, *, awaiting_verdict: bool) -> DeliveryError:
    """Map what smtplib raises to a class of failure (RFC 5321, 4.2.1: 4yz is transient, 5yz permanent)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
    elif isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
        if code >= 500 and isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused):
            return Misconfigured(str(code))
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        return Permanent("not_supported")
    elif awaiting_verdict:
        return Unknown("no_answer")
    else:
        return Transient("timeout" if isinstance(error, TimeoutError) else "connection")
    return Permanent(str(code)) if code >= 500 else Transient(str(code))


channel = Email()
