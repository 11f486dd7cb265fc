"""E-mail through Django's backend: one recipient a mail, one connection a lane, a Message-ID a delivery."""

import time
from collections import deque
from contextlib import suppress

from anymail.exceptions import AnymailError
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from core.models import User
from core.notifications.channel import Channel, Misconfigured, Shown, Unknown
from core.notifications.mail import compose
from core.notifications.mail_faults import classify, classify_api
from core.notifications.message import Outgoing
from core.notifications.smtp import EmailBackend

PATIENCE = 30.0  # seconds until the mail itself has to begin; it takes two answers more, and a lease is 60 s


class Email(Channel):
    key = "EMAIL"
    no_address = "no_email"
    can_be_asked = False

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
            if isinstance(error, AnymailError):
                raise classify_api(error) from error
            if awaiting or isinstance(error, OSError):
                raise classify(error, awaiting_verdict=awaiting) from error
            raise
        finally:
            self._under_way.discard(backend)
        self._resting.append(backend)
        return provider_id(mail)

    def show(self, message: Outgoing) -> Shown:
        mail = compose("you@example.com", message)
        return Shown(str(mail.subject), str(mail.body), str(mail.alternatives[0][0]))

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
        try:
            backend = get_connection()
        except ImproperlyConfigured as error:
            raise Misconfigured("missing_credentials") from error
        try:
            backend.open()
        except OSError as error:
            backend.close()
            raise classify(error, opening=True) from error
        return backend


def provider_id(mail: EmailMessage) -> str:
    """What the provider calls the mail, and will call it when it bounces; mail servers call it by its Message-ID."""
    status = getattr(mail, "anymail_status", None)
    found = status.message_id if status else mail.extra_headers["Message-ID"]
    if not found:
        raise Unknown("no_answer")
    return str(found)


channel = Email()
