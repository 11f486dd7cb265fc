"""E-mail through Django's backend: one recipient a mail, one connection a lane, a Message-ID a delivery."""

import smtplib
import ssl
import time
from collections import deque
from contextlib import suppress
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from core.models import User
from core.notifications.channel import Channel, DeliveryError, Misconfigured, Permanent, Transient, Unknown
from core.notifications.message import Outgoing
from core.notifications.smtp import EmailBackend

PATIENCE = 30.0  # seconds until the mail itself has to begin; it takes two answers more, and a lease is 60 s


class Email(Channel):
    key = "EMAIL"
    no_address = "no_email"

    def __init__(self) -> None:
        self._resting: deque[BaseEmailBackend] = deque()  # open connections that nobody is sending on
        self._under_way: set[BaseEmailBackend] = set()

    def address(self, user: User) -> str | None:
        return user.email or None

    def look_up(self, address: str, message: Outgoing) -> str | None:
        """SMTP cannot be asked. After a crash the mail goes again under the same Message-ID."""
        return None

    def send(self, address: str, message: Outgoing) -> str:
        mail, begin_by = compose(address, message), time.monotonic() + PATIENCE
        mail.connection = backend = self._connected()
        if isinstance(backend, EmailBackend):
            backend.begin_by(begin_by)
        self._under_way.add(backend)
        try:
            mail.send()
        except Exception as error:
            awaiting = isinstance(backend, EmailBackend) and backend.awaiting_verdict
            backend.close()  # nobody knows where in the conversation it stands
            if awaiting or isinstance(error, OSError):
                raise classify(error, awaiting_verdict=awaiting) from error
            raise
        finally:
            self._under_way.discard(backend)
        self._resting.append(backend)
        return str(mail.extra_headers["Message-ID"])

    def in_doubt(self) -> bool:
        return any(isinstance(one, EmailBackend) and one.awaiting_verdict for one in tuple(self._under_way))

    def close(self) -> None:
        while self._resting:
            self._resting.pop().close()

    def _connected(self) -> BaseEmailBackend:
        """The connection of the last mail, or a new one when it is stale: a broken one would fail every later mail."""
        with suppress(IndexError):
            resting = self._resting.pop()
            if not (isinstance(resting, EmailBackend) and resting.is_stale()):
                return resting
            resting.close()
        backend = get_connection()
        try:
            backend.open()
        except OSError as error:
            backend.close()
            raise classify(error, opening=True) from error
        return backend


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
            # The time: numbers begin anew in a new database, mail programs remember the old ones.
            "Message-ID": f"<delivery-{message.delivery_id}.{message.created_at:%Y%m%d%H%M%S}@{domain()}>",
            "References": thread,
            "In-Reply-To": thread,
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(render_to_string("core/email/notification.html", context), "text/html")
    return mail


def classify(error: Exception, *, opening: bool = False, awaiting_verdict: bool = False) -> DeliveryError:
    """Map what smtplib raises to a class of failure (RFC 5321, 4.2.1: 4yz is transient, 5yz permanent).

    A server that refuses to talk to us, or our sender, refuses our settings and not this one mail. Nor is a
    certificate trusted later that is not trusted now, until somebody does something.
    """
    if awaiting_verdict:
        return Unknown("no_answer")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Misconfigured("certificate")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
    elif isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
    elif isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
        return Misconfigured("not_supported")
    else:
        return Transient("timeout" if isinstance(error, TimeoutError) else "connection")
    if code < 500:
        return Transient(str(code))
    ours = opening or isinstance(error, smtplib.SMTPHeloError | smtplib.SMTPSenderRefused)
    return Misconfigured(str(code)) if ours else Permanent(str(code))


channel = Email()
